"""Everything in one process: the store, the rules, and the services called one after the other, where many machines
would carry messages between them. The one module that reads the wall clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine

from caseclock.environment import settings
from caseclock.release import release
from schemas.store.engine import connect, reader
from schemas.store.erased import OPTION
from schemas.store.sqlite_file import is_read_only
from schemas.time.calendar import Calendar
from schemas.time.calendar_file import load_calendar
from services.alerts.channels import Channel
from services.alerts.message.desk import MessageContext
from services.alerts.routes.file import Routes, load_routes
from services.alerts.sweep.sweep import Swept, sweep
from services.ingest.intake.intake import Taken, take_in
from services.ingest.log.guards import guard
from services.ingest.readers import Reader
from services.ingest.readers.formats import open_reader
from services.timeliness.explain.explain import Story, explain
from services.timeliness.figures.questions import Question
from services.timeliness.history.log_view import LogView
from services.timeliness.history.teams import Divisions, load_teams
from services.timeliness.standards.register import Register, folder_of, load
from services.timeliness.table.catch_up import catch_up
from services.timeliness.table.progress import RuleVersions, head_of, states
from services.timeliness.table.reference import is_kept, keep
from services.timeliness.table.unannounced import on_kafka


class Rules(NamedTuple):
    """Holds what is decided by: the standards, the working days, who belongs to which division; and who is told
    (None: a notice for each team and level), with links that begin so."""

    register: Register
    calendar: Calendar
    divisions: Divisions
    routes: Routes | None = None
    link_base: str = ""

    @property
    def titles(self) -> Mapping[str, str]:
        return {standard.id: standard.file.title for standard in self.register.standards.values()}

    @property
    def desk(self) -> MessageContext:
        """Returns what messages are written with."""
        return MessageContext(self.titles, self.routes, self.link_base, release())


def now() -> datetime:
    """This instant."""
    return datetime.now(UTC)


def open_store(url: str, makes: bool = True) -> Engine:
    """Returns the store, with its tables and guards in place; one that cannot be written, as it is. Raises StoreRefused
    (`makes`: not where there is none yet), and SQLAlchemy's errors."""
    engine = connect(url, makes)
    if key := settings().erasure_key:
        engine.update_execution_options(**{OPTION: key})
    if not is_read_only(engine.url):
        guard(engine)
    return engine


@lru_cache(maxsize=1)
def rules() -> Rules:
    """Returns what CASECLOCK_REGISTER, _CALENDAR, _TEAMS and _ROUTES name. Raises BadRegister, BadCalendar, BadTeams,
    BadRoutes, BadSettings."""
    named = settings()
    register = load(folder_of(named.register)).ranking(named.sources or ())
    return Rules(
        register,
        load_calendar(Path(named.calendar) if named.calendar else None),
        load_teams(Path(named.teams) if named.teams else None),
        load_routes(Path(named.routes), register.standards) if named.routes else None,
        named.link_base or "",
    )


def import_path(
    engine: Engine,
    path: Path,
    format: str,
    covers: tuple[date, date] | None,
    history: bool,
    at: datetime,
    watch: Callable[[Reader], Callable[[int], None] | None] = lambda source: None,
) -> Taken:
    """Take in one file or folder, whole or not at all; the clocks are folded afterwards, by `fold`. `watch` is given
    the source before it is read and may answer with what to call with how far it has got. Raises Unreadable,
    HistoryRefused."""
    source = open_reader(path, format, covers)
    return take_in(engine, source, history=history, now=at, progress=watch(source))


def fold(engine: Engine, rules: Rules) -> int:
    """Bring the clocks up to the log; gives how many children were folded."""
    keep(engine, rules.register, rules.calendar, rules.divisions)
    return catch_up(engine, rules.register, rules.calendar).folded


def by_these_rules(engine: Engine, rules: Rules) -> bool:
    """Sees that what is asked of the clock table is answered by the register, calendar and teams file of now: what was
    folded by others, or not yet since the store was migrated, is folded anew first. Returns False where that is not
    done here: of a store that cannot be written, and of one that workers keep up."""
    if folded_by(engine, rules):
        return True
    with reader(engine) as connection:
        if is_read_only(engine.url) or on_kafka(connection):
            return False
    fold(engine, rules)
    return True


def folded_by(engine: Engine, rules: Rules) -> bool:
    """Whether whatever is folded is folded by these rules, and something is, unless the log is empty."""
    versions = RuleVersions(rules.register.version, rules.calendar.version)
    with reader(engine) as connection:
        shards = states(connection)
        folded = [state for state in shards if state.folded_to]
        same = all(state.rules == versions for state in folded) and (folded or not head_of(connection))
        kept = not folded or is_kept(connection, rules.register, rules.calendar, rules.divisions)
        return bool(same) and kept


def files_of_rules() -> frozenset[tuple[str, int, int]]:
    """Returns the files that the rules are read from, as they are on disk now: path, time of change, size."""
    named = settings()
    folder = folder_of(named.register)
    alone = [Path(file) for file in (named.calendar, named.teams, named.routes) if file]
    found = [path for path in (*folder.glob("*.yaml"), *alone) if path.exists()]
    return frozenset((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in found)


RULES_CHANGED = (
    "The register, calendar, teams or routes file was changed after these pages were started, and they still go by the"
    " former: start them again."
)
OTHER_RULES = (
    "The clocks were folded by another register, calendar or teams file than those of now, and these figures are by"
    " that: run `caseclock sweep` or start the workers, where the store can be written."
)


def sweep_once(engine: Engine, rules: Rules, at: datetime, channels: Sequence[Channel]) -> Swept:
    """Fold what is not folded, tell what is true at `at` and was not told, and deliver."""
    fold(engine, rules)
    return sweep(engine, rules.calendar, at, channels, rules.desk, wall=now)


def explained(engine: Engine, rules: Rules, child: str, standard: str, question: Question) -> Story | None:
    """A child's clocks of one standard, told; None where nothing is known of the child."""
    with reader(engine) as connection:
        view = LogView(connection, question.known_at, question.as_of, rules.register.sources)
        found = next(iter(view.histories([child])))
        ids = view.members.get(found.child, [found.child])
    if not found.facts:
        return None
    return explain(rules.register.standards[standard], found, rules.calendar, question.instant, ids)
