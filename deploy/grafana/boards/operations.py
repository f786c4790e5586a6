"""4: whether it all works. From Prometheus; no child and no team in it."""

from __future__ import annotations

from typing import Any

from deploy.grafana.boards.parts import ORANGE, RED, board, gauges, number, place

DAY = 86400


def operations() -> Any:
    return board(
        "caseclock-operations",
        "4 Operations",
        "Throughput, lag, errors, the sweep, notices.",
        [],
        [
            place(
                number(
                    "Oldest event without clocks", "max(caseclock_unfolded_seconds)", "s", [(120, ORANGE), (900, RED)]
                ),
                0,
                3,
                6,
                5,
            ),
            place(
                number(
                    "Since the last sweep",
                    "time() - max(caseclock_last_sweep_timestamp_seconds)",
                    "s",
                    [(300, ORANGE), (900, RED)],
                ),
                6,
                3,
                6,
                5,
            ),
            place(
                number("Notices waiting", 'sum(caseclock_notices{state="waiting"})', "short", [(1, ORANGE), (50, RED)]),
                12,
                3,
                6,
                5,
            ),
            place(
                number(
                    "Calendar left",
                    "min(caseclock_calendar_last_day_timestamp_seconds) - time()",
                    "s",
                    [],
                    "When the working days known end, due days are unknown.",
                ),
                18,
                3,
                6,
                5,
            ),
            place(
                gauges(
                    "Records a second, by what became of them",
                    [("sum by (outcome) (caseclock:records:rate5m)", "{{outcome}}")],
                    "ops",
                ),
                0,
                8,
                12,
                9,
            ),
            place(
                gauges(
                    "Lag: since the oldest event not yet done",
                    [
                        ("max(caseclock_unfolded_seconds)", "no clock has seen it"),
                        ("max(caseclock_unpublished_seconds)", "not on Kafka"),
                    ],
                    "s",
                ),
                12,
                8,
                12,
                9,
            ),
            place(
                gauges(
                    "A batch, from records in hand to their commit (95 of 100)",
                    [("caseclock:batch_seconds:p95_5m", "{{job}}")],
                    "s",
                ),
                0,
                17,
                12,
                9,
            ),
            place(
                gauges(
                    "Errors and waits",
                    [
                        ("sum by (what) (increase(caseclock_waits_total[5m]))", "waited for {{what}}"),
                        ("sum(increase(caseclock_records_lost_total[5m]))", "records lost"),
                        ('sum(increase(caseclock_records_total{outcome="rejected"}[5m]))', "to quarantine"),
                    ],
                    "short",
                ),
                12,
                17,
                12,
                9,
            ),
            place(
                gauges("Notices not delivered", [("sum by (state) (caseclock_notices)", "{{state}}")], "short"),
                0,
                26,
                12,
                9,
            ),
            place(
                gauges(
                    "Workers that can work",
                    [
                        (
                            "sum by (worker) (caseclock_worker_ready * on (instance) group_left (worker) caseclock_worker)",
                            "{{worker}}",
                        )
                    ],
                    "short",
                ),
                12,
                26,
                12,
                9,
            ),
        ],
    )
