"""Chaos: the many-machine mode with everything dying at random, compared with one machine that nothing disturbs.

`python -m tests.chaos --seed N`; docs/chaos.md says what it proves.
"""
