"""Notices as files: one for each, named by its id, whole or not there."""

from __future__ import annotations

import os
import tempfile
from datetime import datetime
from pathlib import Path

from services.alerts.channels import DELIVERED, Message, Outcome


class Folder:
    """Writes each notice to `<folder>/<id>.txt`. A notice whose file is there was delivered: it is not
    written again, so being killed between sending and noting tells nobody twice, even where the file has
    since been edited."""

    name = "file"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: Message, now: datetime) -> Outcome:
        self._folder.mkdir(parents=True, exist_ok=True)
        if not self._path(message).exists():
            handle, part = tempfile.mkstemp(dir=self._folder, suffix=".part")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(f"To {message.to}\n" if message.to else "")
                file.write(f"{message.text}\n")
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, self._path(message))
            _sync_folder(self._folder)
        return DELIVERED

    def find(self, message: Message) -> Outcome | None:
        return DELIVERED if self._path(message).exists() else None

    def _path(self, message: Message) -> Path:
        return self._folder / f"{message.id}.txt"


def _sync_folder(folder: Path) -> None:
    """So that a power cut cannot take back a file already noted as delivered."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
