"""Many machines: `status` and `replay`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from caseclock.cli.kafka import streaming
from caseclock.cli.options import Db, Refused, TableOrJson, day_option, note, open_db, put_json
from caseclock.cli.telling import nobody_before
from caseclock.environment import settings


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: caseclock status --format json")(status)
    app.command(epilog="Example: caseclock replay --to-topic others.events --from 2024-01-01 --to 2024-03-31")(replay)


def status(ctx: typer.Context, format: TableOrJson = "table", db: Db = None) -> None:
    """Shows how it stands: who works, how far each step is behind the log, what was refused, the last sweep."""
    from caseclock.runtime import now, rules
    from caseclock.workers.status import status as status_of
    from services.alerts.sweep.go_live import had_routes, held_back

    engine, at, routes = open_db(ctx, db), now(), rules().routes
    found = status_of(engine, at, routes)
    held, without = held_back(engine, at), routes is None and had_routes(engine)
    waiting = _raw_records()
    if format == "json":
        import msgspec

        more = {"raw_records_waiting": waiting, "held_back": held and held._asdict(), "routes_missing": without}
        put_json({**msgspec.structs.asdict(found), **more})
        return
    for worker in found.workers:
        state = "alive" if worker.alive else "NOT SEEN"
        swept = "" if worker.swept_seconds is None else f", looked {worker.swept_seconds:,.0f} s ago"
        typer.echo(f"{worker.service:<12}{worker.worker:<32}{state}, seen {worker.seconds:,.0f} s ago{swept}")
    if not found.workers:
        typer.echo("No worker was seen in a day.")
    if waiting is not None:
        typer.echo(f"raw          {waiting:,} records not taken in")
    typer.echo(f"log          {found.events:,} events")
    typer.echo(f"unfolded     {found.unfolded.events:,} events, the oldest {found.unfolded.seconds:,.0f} s old")
    if found.unpublished is not None:
        typer.echo(
            f"unpublished  {found.unpublished.events:,} events, the oldest {found.unpublished.seconds:,.0f} s old"
        )
    typer.echo(f"quarantine   {found.quarantined:,} records")
    typer.echo(f"alerts       {found.told:,} told")
    notices = found.notices
    failed = f", {notices.failed:,} FAILED" if notices.failed else ""
    typer.echo(f"notices      {notices.waiting:,} wait, {notices.sent:,} sent and without a receipt yet{failed}")
    for why in notices.why:
        typer.echo(f"             {why}")
    for team in notices.unmanned:
        typer.echo(f"NOBODY       answers for team {team}; the next above is told instead: `caseclock routes check`")
    if held is not None:
        typer.echo(f"HELD BACK    {nobody_before(held)}")
    if without:
        typer.echo("NO ROUTES    earlier sweeps told people by a routes file, and CASECLOCK_ROUTES names none now")
    typer.echo(f"last sweep   {f'{found.swept_at:%Y-%m-%d %H:%M:%S} UTC' if found.swept_at else 'none by a worker'}")


def _raw_records() -> int | None:
    """Shows how many wait to be taken in; None without Kafka, or if the broker is away, which is said."""
    if not settings().kafka:
        return None
    with streaming() as named:
        from kafka.errors import KafkaError

        from caseclock.workers.ingest import GROUP
        from caseclock.workers.raw_lag import raw_lag

        try:
            return raw_lag(named, GROUP)
        except KafkaError as wrong:
            note(f"caseclock: the broker: {type(wrong).__name__}; how many raw records wait is not known")
            return None


def replay(
    ctx: typer.Context,
    to_topic: Annotated[str, typer.Option("--to-topic", metavar="T", help="Of the other consumer; it must be there.")],
    from_on: Annotated[
        Any, typer.Option("--from", metavar="D", parser=day_option, help="What occurred on this day or later.")
    ] = None,
    to_on: Annotated[
        Any, typer.Option("--to", metavar="D", parser=day_option, help="What occurred on this day or before.")
    ] = None,
    child: Annotated[str | None, typer.Option("--child", metavar="C", help="Of one child, under whatever id.")] = None,
    rate: Annotated[
        int | None,
        typer.Option("--rate", metavar="N", min=1, help="Events a second, at most. Else CASECLOCK_REPLAY_RATE."),
    ] = None,
    db: Db = None,
) -> None:
    """Publish history from the log again, for another consumer, with its first ids and times.

    It tells no manager anything: caseclock's own topics are refused."""
    with streaming() as named:
        from kafka import KafkaProducer

        from caseclock.workers.replay import Chosen, ReplayRefused, refuse_ours, refuse_unknown
        from caseclock.workers.replay import replay as replay_all
        from schemas.kafka import options as kafka_options

        try:
            refuse_ours(named, to_topic)
            refuse_unknown(named, to_topic)
            producer = KafkaProducer(**kafka_options.producer(named))
            try:
                sent = replay_all(
                    open_db(ctx, db), producer, to_topic, Chosen(from_on, to_on, child), rate or named.replay_rate
                )
            finally:
                producer.close(timeout=5)
        except ReplayRefused as wrong:
            raise Refused(str(wrong)) from None
    note(f"{sent:,} events replayed to {to_topic}")
