"""Who joined and left the teams: one event about a worker for each, for the posts that held a case."""

from __future__ import annotations

from random import Random

from caseclock.demo.county.draw import between
from caseclock.demo.county.recording import Record
from caseclock.demo.county.setting import Setting

LONG_ABSENCE = 0.06  # of workers


def workforce(setting: Setting, lines: list[bytes]) -> None:
    """The comings and goings of everybody in post during the span."""
    for _, post in sorted(setting.staff.posts.items()):
        for tenure in post.during(setting.first, setting.last):
            random = Random(f"{setting.seed} worker {tenure.worker}")
            record = Record(setting, random.random, tenure.worker, lines)
            joined = max(tenure.from_on, setting.days.first)
            record.put(
                "worker.joined",
                joined,
                540,
                team=post.team,
                role="social_worker",
                registered=True,
                newly_qualified=tenure.newly_qualified,
                fte=tenure.fte,
            )
            if random.random() < LONG_ABSENCE and tenure.to_on - joined > 200:
                away = joined + between(random.random(), 60, 150)
                record.put("worker.absent", setting.days.on_or_after(away))
                record.put("worker.returned", setting.days.on_or_after(away + between(random.random(), 15, 45)))
            record.put("worker.left", tenure.to_on, 1020)
