"""How fast the workers are, on a real broker and PostgreSQL: `python -m benchmarks.machines`."""
