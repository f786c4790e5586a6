"""How fast, and beside what: `make bench`, or `python -m benchmarks --quick`. Nothing is tested against a clock."""
