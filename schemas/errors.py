"""Says what every refusal of caseclock is: an error that a person can mend, said in one line."""

from __future__ import annotations


class CaseclockError(Exception):
    """Something is refused. The message names what is wrong, where, and what to do; the command says it and exits 1."""
