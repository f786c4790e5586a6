"""What a census says of one thing twice, differently: the first counts, the other goes out to be refused. Pure.

An element that a module has once (a birth, a closure, a reason) may be there twice in a file that was put together
badly. The second is no detail that could be left out in silence: whoever looks must choose.
"""

from __future__ import annotations

from collections.abc import Iterator

from services.ingest.readers.cin.items import Item, Modules
from services.ingest.readers.cin.unread import READ
from services.ingest.readers.cin.xml import Node
from services.ingest.readers.returns import Fact, spelt

_MANY = (
    "Assessments",
    "Section47",
    "CINPlanDates",
    "ChildProtectionPlans",
    "PreProceedings",
    "Reviews",
    "CPPreviewDate",
)
_ONCE = {(parent, tag) for parent, tag in READ if tag not in _MANY}


def contradictions(of: Modules) -> Iterator[Fact]:
    """Yields a fact that cannot be taken for every element that says another thing than the same one before it did."""
    for text, node in _said_twice(of.about):
        yield Fact(of.child, "child.registered", text, (node.tag,), {}, node.line)
    for kind, items in of.by_kind.items():
        for item in items:
            for text, node in _said_twice([item.node]):
                yield _refused(item, kind, text, node)


def _refused(item: Item, kind: str, text: str, node: Node) -> Fact:
    return Fact(item.child, kind, text, (spelt(item.began), item.ordinal, node.tag), {}, node.line)


def _said_twice(nodes: list[Node]) -> Iterator[tuple[str, Node]]:
    first: dict[str, str] = {}
    single = (one for parent in nodes for one in parent.children if (parent.tag, one.tag) in _ONCE)
    for node in single:
        said = first.setdefault(node.tag, node.text)
        if spelt(node.text) != spelt(said):
            yield f"{node.tag} is there twice: {said}, then {node.text}", node
