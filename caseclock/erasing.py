"""Erasing a child from the whole of a store: what each service holds goes in one transaction, then the clocks; then it
is looked whether it is gone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, Engine

from caseclock.access_log import beside as looks_beside
from caseclock.access_log import forget as forget_looks
from caseclock.audit.publications import forget as forget_lines
from caseclock.runtime import Rules, fold
from schemas.store.erased import ERASED
from schemas.store.remains import PATIENCE, Remains, remains, write_anew
from services.alerts.reports.forget import forget as forget_alerts
from services.ingest.log.erase import Erased, Erasing, erase
from services.timeliness.history.log_view import LogView
from services.timeliness.table.progress import to_fold_anew


class Forgotten(NamedTuple):
    """Holds what the log says was erased, how many ids the child had, and what was found afterwards."""

    erased: Erased
    ids: int
    found: Remains


def forget(
    engine: Engine,
    rules: Rules,
    child: str,
    reason: str,
    at: datetime,
    notices: Path | None = None,
    patience: int = PATIENCE,
) -> Forgotten:
    """Erases a child under all its merged ids: blanks what the log and quarantine hold and whom alerts, answers and
    looks were about, in one transaction; folds the clocks anew; writes the store anew, and looks in its bytes for what
    remains. `notices`: the folder of those written as files; `patience`: seconds, for those who read the store still.
    Raises ErasureRefused, KeyMissing."""
    done: list[Erasing] = []
    renamed: dict[str, str] = {}
    looks = looks_beside(engine)

    def also(connection: Connection, erasing: Erasing) -> None:
        done.append(erasing)
        forget_looks(connection, erasing.ids, at)
        forget_lines(connection, erasing.ids, erasing.others, erasing.names.within)
        if looks is not None:
            with looks.begin() as beside_it:
                forget_looks(beside_it, erasing.ids, at)
        renamed.update(forget_alerts(connection, erasing.ids, erasing.names.within))
        to_fold_anew(connection, erasing.ids | erasing.others)

    erased = erase(engine, child, reason, at, ids_of, [also])
    if notices is not None and notices.is_dir():
        _forget_files(notices, renamed, done[0].names.within)
    fold(engine, rules)
    not_done = [why for store in (engine, looks) if store is not None for why in write_anew(store, patience)]
    found = remains(engine, done[0].ids, erased.gone, done[0].names.within)
    if looks is not None:
        found = found.plus(remains(looks, done[0].ids, (), done[0].names.within))
    return Forgotten(erased, len(done[0].ids), found._replace(not_done=(*not_done, *found.not_done)))


def ids_of(connection: Connection, child: str) -> Collection[str]:
    """Returns every id that is merged with this one."""
    view = LogView(connection)
    survivor = view.survivor_of.get(child, child)
    return view.members.get(survivor, [survivor])


def _forget_files(folder: Path, renamed: Mapping[str, str], names: Callable[[str], bool]) -> None:
    """Gives the files of notices the new ids that these have, and blanks one that names the child."""
    for file in sorted(folder.glob("*.txt")):
        if names(file.read_text(encoding="utf-8", errors="replace")):
            file.write_text(f"{ERASED}\n", encoding="utf-8")
        if file.stem in renamed:
            file.rename(file.with_stem(renamed[file.stem]))
