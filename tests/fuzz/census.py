"""A census, spoilt; and its plain reading: every text that is read is in the log or in quarantine, or is named as not
read; every child is there."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from datetime import date, timedelta
from pathlib import Path
from random import Random
from xml.sax.saxutils import escape

from tests.fuzz import spoiling
from tests.fuzz.days import spellings
from tests.fuzz.taking import Lost, Outcome

FORMAT = "cin-census"
HEADER = """<Header><CollectionDetails><Collection>CIN</Collection><Year>2022</Year><ReferenceDate>2022-03-31
</ReferenceDate></CollectionDetails><Source><LEA>926</LEA><SerialNo>1</SerialNo></Source></Header>"""
DAYS = {
    "CINdetails": ("CINreferralDate", "CINclosureDate", "DateOfInitialCPC"),
    "Assessments": ("AssessmentActualStartDate", "AssessmentInternalReviewDate", "AssessmentAuthorisationDate"),
    "Section47": ("S47ActualStartDate", "DateOfInitialCPC"),
    "CINPlanDates": ("CINPlanStartDate", "CINPlanEndDate"),
    "ChildProtectionPlans": ("CPPstartDate", "CPPendDate"),
    "PreProceedings": ("PPStartDate", "LBPSentDate", "InitialPPMeetingDate", "StepDecisionDate"),
    "Reviews": ("CPPreviewDate",),
    "ChildIdentifiers": ("PersonBirthDate", "ExpectedPersonBirthDate", "PersonDeathDate"),
}
CODES = {
    "CINdetails": {
        "ReferralSource": ("1A", "6", "10"),
        "PrimaryNeedCode": ("N1", "N4"),
        "ReasonForClosure": ("RC1", "RC8"),
    },
    "ChildProtectionPlans": {"InitialCategoryOfAbuse": ("NEG", "EMO"), "NumberOfPreviousCPP": ("0", "1")},
}
TOLD_OTHERWISE = {"CINdetails": {"ReferralNFA": ("0", "1")}, "Section47": {"ICPCnotRequired": ("0", "1")}}
MODULES = ("Assessments", "Section47", "CINPlanDates", "ChildProtectionPlans", "PreProceedings")


def write(random: Random, path: Path) -> None:
    """Writes a census of some children, some of whose elements are spoilt."""
    children = "".join(_child(random, n) for n in range(random.randrange(1, 4)))
    text = f'<?xml version="1.0" encoding="utf-8"?>\n<Message>{HEADER}<Children>{children}</Children></Message>\n'
    data = text.encode()
    path.write_bytes(spoiling.bytes_of(random, data) if random.random() < 0.2 else data)


def _child(random: Random, number: int) -> str:
    about = _elements(random, "ChildIdentifiers")
    details = "".join(_details(random) for _ in range(random.randrange(0, 3)))
    id = f"<LAchildID>K{number:05d}</LAchildID>" if random.random() < 0.97 else ""
    disabled = "<ChildCharacteristics><Disabilities><Disability>MOB</Disability></Disabilities></ChildCharacteristics>"
    shown = disabled if random.random() < 0.2 else ""
    return f"<Child><ChildIdentifiers>{id}{about}</ChildIdentifiers>{shown}{details}</Child>\n"


def _details(random: Random) -> str:
    inner = "".join(
        f"<{tag}>{_elements(random, tag)}{_reviews(random) if tag == 'ChildProtectionPlans' else ''}</{tag}>"
        for tag in MODULES
        for _ in range(random.choice((0, 0, 1, 1, 2)))
    )
    return f"<CINdetails>{_elements(random, 'CINdetails')}{inner}</CINdetails>"


def _reviews(random: Random) -> str:
    return f"<Reviews>{''.join(_elements(random, 'Reviews') for _ in range(random.randrange(3)))}</Reviews>"


def _elements(random: Random, module: str) -> str:
    found = [(tag, _day(random), True) for tag in DAYS[module] if random.random() < 0.75]
    for tag, codes in {**CODES.get(module, {}), **TOLD_OTHERWISE.get(module, {})}.items():
        if random.random() < 0.7:
            found.append((tag, random.choice(codes), False))
    if found and random.random() < 0.08:  # said twice
        tag, text, is_day = random.choice(found)
        found.append((tag, _day(random) if is_day else text, is_day))
    texts = [
        (tag, spoiling.odd(random, is_day) if random.random() < 0.06 else text, random.random())
        for tag, text, is_day in found
    ]
    return "".join(_element(tag, text, how) for tag, text, how in texts)


def _element(tag: str, text: str, how: float) -> str:
    if how < 0.01:
        return f'<{tag} value="{escape(text)}"/>'
    if how < 0.02:
        return f"<{tag.lower()}>{escape(text)}</{tag.lower()}>"
    return f"<{tag}>{escape(text)}</{tag}>"


def _day(random: Random) -> str:
    on = date(2020, 1, 1) + timedelta(days=random.randrange(0, 820))
    return on.isoformat() if random.random() < 0.9 else f"{on:%d/%m/%Y}"


def check(path: Path, outcome: Outcome) -> None:
    """Raises Lost where a text that is read is nowhere and nobody says that it is not read."""
    try:
        root = ElementTree.fromstring(path.read_bytes())
    except (ElementTree.ParseError, ValueError, LookupError):
        if outcome.refused is None:
            raise Lost("taken, and it is not XML") from None
        return
    if outcome.refused is not None:
        if path.read_bytes().count(HEADER.encode()) == 1 and _as_it_should_be(root):
            raise Lost(f"refused whole, and it is a census: {outcome.refused}")
        return
    notes = " ".join(outcome.notes)
    for child in root.iterfind("Children/Child"):
        _check_child(child, outcome, notes)


def _as_it_should_be(root: ElementTree.Element) -> bool:
    longest = max((len(text) for one in root.iter() for text in (one.text or "", one.tail or "")), default=0)
    return (
        [one.tag for one in root] == ["Header", "Children"]
        and len(root[1]) > 0
        and all(one.tag == "Child" for one in root[1])
        and not root.findall(".//Child//Child")
        and longest < 10_000
    )


def _check_child(child: ElementTree.Element, outcome: Outcome, notes: str) -> None:
    name = (child.findtext("ChildIdentifiers/LAchildID") or "").strip()
    said = outcome.texts(name)
    if not said:
        raise Lost(f"the child {name!r} is nowhere")
    for parent in child.iter():
        for one in parent:
            text = (one.text or "").strip()
            if one.tag not in notes and not all(
                f"@{attribute}" in notes for attribute, value in one.attrib.items() if value.strip()
            ):
                raise Lost(f"an attribute of {one.tag} is nowhere")
            if not text or len(one):
                continue
            read = one.tag in (*DAYS.get(parent.tag, ()), *CODES.get(parent.tag, {}))
            if read and not any(spelling in said for spelling in spellings(text)):
                raise Lost(f"{parent.tag}/{one.tag} of {name!r} is nowhere: {text[:80]!r}")
            known = one.tag in ("LAchildID", "Disability") or one.tag in TOLD_OTHERWISE.get(parent.tag, {})
            if not read and not known and one.tag[:60] not in notes:
                raise Lost(f"{one.tag} in {parent.tag} is not read, and nobody says so")
