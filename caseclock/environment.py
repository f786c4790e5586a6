"""The environment of this process. The one module that reads it; everything else is handed settings."""

from __future__ import annotations

import os
from collections.abc import Mapping


def variables() -> Mapping[str, str]:
    """Returns the environment's variables, as they are now."""
    return os.environ
