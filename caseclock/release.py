"""Says which release of the software this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def release() -> str:
    """Returns the version of the installed package, or `unknown` where it runs without being installed."""
    try:
        return version("caseclock")
    except PackageNotFoundError:
        return "unknown"
