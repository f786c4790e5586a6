"""How a day may stand in what became of a file, beside how it was written: a plain reading of its own."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import date


def spellings(text: str) -> list[str]:
    """The text as JSON has it, with and without escapes, and the day that it is, if it is one."""
    found = [json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]]
    iso = re.match(r"(\d{4})-(\d\d)-(\d\d)", text)
    uk = re.match(r"(\d\d?)/(\d\d?)/(\d{4})", text)
    parts = iso.groups() if iso else uk.groups()[::-1] if uk else None
    if parts is not None:
        with suppress(ValueError):
            found.append(date(*map(int, parts)).isoformat())
    return found
