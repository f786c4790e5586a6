"""Finds the children with events that have not been folded yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, and_, false, func, or_, select

from schemas.kafka.shards import SHARDS, shard_of
from services.timeliness.history.log_view import LogView
from services.timeliness.history.workers import LEFT
from services.timeliness.table.progress import LOG, PROGRESS, RuleVersions, ShardState


class Touched(NamedTuple):
    """Children to fold, each with every id joined to it. `of`: the shards this answers for. `anew`: those of which
    everything is folded, whether it is in the log still or not. `shards`: those whose clocks may be written."""

    of: frozenset[int]
    children: frozenset[str]
    anew: frozenset[int]

    @property
    def shards(self) -> set[int]:
        return {shard_of(child) for child in self.children}


def touched(
    connection: Connection, view: LogView, behind: Sequence[ShardState], head: int, rules: RuleVersions
) -> Touched:
    """The children of what these shards have not folded, up to `head`. A statement of coverage touches every child of
    its source, in whatever shard, and a worker's leaving every child whom that worker ever held. An erased row has no
    child any more, and what was folded by other rules is of no use: then the whole shard is touched, as it is the first
    time."""
    anew = {state.shard for state in behind if state.is_new_to(rules)}
    moved = or_(
        false(), *(and_(LOG.c.shard == s.shard, LOG.c.seq > s.folded_to) for s in behind if s.shard not in anew)
    )
    query = select(LOG.c.subject, LOG.c.type, LOG.c.source, LOG.c.shard).where(moved, LOG.c.seq <= head)
    rows = connection.execute(query.distinct()).all() if len(anew) < len(behind) else []
    anew |= {shard for subject, _, _, shard in rows if subject is None}
    subjects = {subject for subject, _, _, _ in rows if subject is not None}
    sources = {source for _, type_, source, _ in rows if type_ == "feed.covered"}
    sources |= {
        source for subject, type_, source, _ in rows if type_ == "event.retracted" and (source, subject) in view.stating
    }
    workers = {
        subject
        for subject, type_, _, _ in rows
        if type_ == LEFT or (type_ == "event.retracted" and subject in view.ever_left)
    }
    if anew:
        subjects |= _subjects(connection, LOG.c.shard.in_(sorted(anew)))
        if len(anew) < SHARDS:
            sources |= _stating(connection, view, anew, behind[0].generation)
            workers |= {worker for worker in view.ever_left if shard_of(worker) in anew}
    subjects |= view.held_by(workers)
    for source in sorted(sources):
        subjects |= _subjects(connection, LOG.c.source == source)
    children = {one for subject in subjects for one in view.linked.get(subject, {subject})}
    return Touched(frozenset(state.shard for state in behind), frozenset(children), frozenset(anew))


def _stating(connection: Connection, view: LogView, shards: set[int], generation: int) -> set[str]:
    """The sources that state in these shards what they carry, or take a statement back, since any shard was folded: who
    was folded later saw it then, and who was not folded yet will."""
    folded = (PROGRESS.c.generation == generation, PROGRESS.c.folded_to > 0)
    since = connection.execute(select(func.min(PROGRESS.c.folded_to)).where(*folded)).scalar()
    if since is None:
        return set()
    types = ("feed.covered", "event.retracted")
    which = (LOG.c.shard.in_(sorted(shards)), LOG.c.type.in_(types), LOG.c.seq > since)
    query = select(LOG.c.source, LOG.c.subject, LOG.c.type).where(*which).distinct()
    return {
        source
        for source, subject, type_ in connection.execute(query)
        if type_ == "feed.covered" or (source, subject) in view.stating
    }


def _subjects(connection: Connection, which: object) -> set[str]:
    query = select(LOG.c.subject).where(which, LOG.c.subject.is_not(None)).distinct()  # type: ignore[arg-type]
    return set(connection.execute(query).scalars())
