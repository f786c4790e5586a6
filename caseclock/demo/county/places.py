"""The invented county's seven divisions and their teams. Which division a team belongs to is for the reports to say
(`services/timeliness/history/teams.csv`); here are only the names that events carry."""

from __future__ import annotations

AREAS = ("north", "south", "west", "breckland", "city", "coast")
FRONT_DOOR = "front-door"
DISABLED_CHILDREN, UNACCOMPANIED = "disabled-children", "unaccompanied-children"
LEAVING_CARE, ADOPTION = "leaving-care", "adoption"
COUNTY_WIDE = (FRONT_DOOR, DISABLED_CHILDREN, UNACCOMPANIED, LEAVING_CARE, ADOPTION)
IN_EACH_AREA = ("assessment-1", "assessment-2", "family-1", "family-2", "family-3", "looked-after")

TEAMS = (*(f"{area}-{name}" for area in AREAS for name in IN_EACH_AREA), *COUNTY_WIDE)


def area_of(roll: float) -> str:
    return AREAS[int(roll * len(AREAS))]


def assessment_team(area: str, roll: float) -> str:
    return f"{area}-assessment-{1 + int(roll * 2)}"


def family_team(area: str, roll: float) -> str:
    return f"{area}-family-{1 + int(roll * 3)}"


def looked_after_team(area: str) -> str:
    return f"{area}-looked-after"
