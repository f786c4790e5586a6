"""Runs a worker until it is told to stop."""

from __future__ import annotations

import logging
import os
import signal
import socket
from importlib import import_module
from threading import Event

from sqlalchemy import Engine

from caseclock.workers import WORKERS, health, logs
from caseclock.workers import startup as starting
from caseclock.workers.broker import BrokerRefused, TopicsRefused
from caseclock.workers.context import Work
from caseclock.workers.retry import Stopped
from caseclock.workers.state import State
from schemas.settings.settings import BadSettings, Settings
from schemas.store.versions import StoreRefused
from services.alerts.routes.file import BadRoutes

log = logging.getLogger(__name__)


def run(name: str, settings: Settings, engine: Engine) -> None:
    """Runs a worker until SIGTERM or SIGINT; the work in hand is finished first. While database or broker are away it
    waits, from the start. Raises StoreRefused, TopicsRefused, BrokerRefused, BadSettings or BadRoutes at the start,
    for what waiting does not mend; whatever it raises later is a fault, logged without what it stumbled over."""
    worker = settings.worker or f"{name}@{socket.gethostname()}:{os.getpid()}"
    logs.start(settings, worker)
    stop = Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: stop.set())
    state = State(name)
    with health.served(state, settings.health_host, settings.health_port):
        log.info("started")
        try:
            work = Work(settings, worker, engine, state, stop.is_set)
            starting.wait_for_all(work)
            import_module(WORKERS[name]).run(work)
        except (StoreRefused, TopicsRefused, BrokerRefused, BadSettings, BadRoutes):
            raise
        except Stopped:
            pass
        except Exception:
            log.critical("ended by a fault", exc_info=True)
            raise SystemExit(1) from None
        log.info("stopped")
