"""Runs the command: `python -m caseclock`."""

from caseclock.cli.main import main

main()
