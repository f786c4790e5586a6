"""Many machines: `topics`, `publish` and `worker`. They need the extra `stream`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from caseclock.cli.importing import Format, watching
from caseclock.cli.options import Db, NoDb, Refused, Span, TableOrJson, note, open_db, put_json
from caseclock.environment import settings

if TYPE_CHECKING:
    from schemas.settings.settings import Settings


def add_to(app: typer.Typer) -> None:
    topics_app = typer.Typer(invoke_without_command=True)
    topics_app.callback(epilog="Example: caseclock topics")(topics)
    topics_app.command(epilog="Example: caseclock topics create")(create)
    topics_app.command(epilog="Example: caseclock topics mend")(mend)
    app.add_typer(topics_app, name="topics")
    app.command(epilog="Example: caseclock publish events.ndjson")(publish)
    app.command(epilog="Example: caseclock worker ingest")(worker)


def topics(ctx: typer.Context, format: TableOrJson = "table", db: NoDb = None) -> None:
    """The topics as declared, and what is amiss with them on the broker that CASECLOCK_KAFKA names."""
    if ctx.invoked_subcommand is not None:
        return
    with streaming() as settings:
        from caseclock.workers.broker import administration, amiss
        from schemas.kafka.topics import topics as declared

        with administration(settings) as client:
            faults = amiss(client, settings)
        if format == "json":
            listed = [
                {**topic._asdict(), "kept": topic.config().get("retention.ms")} for topic in declared(settings).values()
            ]
            put_json({"topics": listed, "amiss": [str(fault) for fault in faults]})
        else:
            for topic in declared(settings).values():
                kept = f"{topic.kept.days} days" if topic.kept else "last of each key"
                typer.echo(f"{topic.name:<28} {topic.partitions or '-':>3} partitions  {kept:<17} key: {topic.key}")
    if faults:
        raise Refused("\n".join(map(str, faults)))


def create(db: NoDb = None) -> None:
    """Create those of our topics that are not there. What is there is left as it is."""
    with streaming() as settings:
        from caseclock.workers.broker import administration
        from caseclock.workers.broker import create as create_topics

        with administration(settings) as client:
            made = create_topics(client, settings)
    typer.echo("\n".join(f"{name} created" for name in made) or "Every topic is there.")


def mend(db: NoDb = None) -> None:
    """Set the configuration of our topics right, and add partitions where there are too few."""
    with streaming() as settings:
        from caseclock.workers.broker import administration
        from caseclock.workers.broker import mend as mend_topics

        with administration(settings) as client:
            mended = mend_topics(client, settings)
    typer.echo("\n".join(f"mended: {fault.topic} {fault.what}" for fault in mended) or "There was nothing to mend.")


def publish(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A file, or a folder of an SSDA903 return.")],
    format: Annotated[Format, typer.Option("--format", help="What it is; auto looks at the content.")] = "auto",
    covers: Span = None,
    db: NoDb = None,
) -> None:
    """Publish case events to the raw topic, as a case record system would.

    Publishing again does no harm: what was taken in is known by its id."""
    with streaming() as settings:
        from kafka import KafkaProducer

        from caseclock.workers import broker as topics_admin
        from schemas.kafka import options as kafka_options
        from schemas.kafka.topics import RAW
        from schemas.kafka.topics import topics as declared
        from services.ingest.kafka.publish_raw import NotPublished
        from services.ingest.kafka.publish_raw import publish as publish_all
        from services.ingest.readers import Unreadable
        from services.ingest.readers.formats import open_reader

        topics_admin.check(settings)
        topic = declared(settings)[RAW].name
        producer = KafkaProducer(**kafka_options.producer(settings))
        try:
            with watching(path) as watch:
                reader = open_reader(path, format, covers)
                sent = publish_all(producer, topic, reader, watch(reader))
        except (NotPublished, Unreadable) as wrong:
            raise Refused(str(wrong)) from None
        finally:
            producer.close(timeout=10)
    note(f"{sent:,} events published to {topic}")


def worker(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Which; --list names them.")] = None,
    listing: Annotated[bool, typer.Option("--list", help="The workers there are, one a line.")] = False,
    db: Db = None,
) -> None:
    """Run a worker until SIGTERM or Ctrl-C. Several of a name share the work.

    Everything else is configured by environment: docs/configuration.md."""
    from caseclock.workers import WORKERS

    if listing:
        typer.echo("\n".join(WORKERS))
        return
    if name not in WORKERS:
        raise typer.BadParameter(f"there is no worker {name!r}: one of {', '.join(WORKERS)}", param_hint="NAME")
    with streaming() as settings:
        from caseclock.workers.work import run

        run(name, settings, open_db(ctx, db, as_it_is=True))


@contextmanager
def streaming() -> Iterator[Settings]:
    """The settings. What is refused while the block lasts is said as a refusal; so is a missing Kafka client."""
    from schemas.settings.settings import BadSettings

    try:
        import kafka.errors
    except ImportError:
        raise Refused("Kafka's client is not installed: pip install 'caseclock[stream]'") from None
    import logging

    from caseclock.workers.broker import BrokerRefused, TopicsRefused

    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # what it says, we say better
    try:
        yield settings()
    except (BadSettings, BrokerRefused, TopicsRefused) as wrong:
        raise Refused(str(wrong)) from None
    except kafka.errors.KafkaError as wrong:
        raise Refused(f"the broker: {type(wrong).__name__}; is it running, and does CASECLOCK_KAFKA name it?") from None
