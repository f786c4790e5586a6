"""The believable county: case events nobody recorded, of the size and shape of a real county's. See docs/county.md.

>>> county = County(children=50, from_on=date(2024, 1, 1), to_on=date(2024, 3, 31), seed=1)
>>> position, event = next(iter(county))
"""

from caseclock.demo.county.reader import County, norfolk_children, write_ndjson

__all__ = ["County", "norfolk_children", "write_ndjson"]
