"""The environment of this process. The one module that reads it; everything else is handed settings."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from schemas.settings.settings import Settings


def settings() -> Settings:
    """Returns the settings, as the environment has them now. Raises BadSettings."""
    from schemas.settings.settings import Settings  # not before anything is done: it loads msgspec

    return Settings.read(os.environ)


def has_columns() -> bool:
    """Whether the environment says how wide the terminal is."""
    return "COLUMNS" in os.environ
