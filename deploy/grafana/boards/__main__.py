"""`python -m deploy.grafana.boards`: writes the dashboards as Grafana takes them. A test keeps them equal."""

from __future__ import annotations

import json
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from deploy.grafana.boards.one import one
from deploy.grafana.boards.operations import operations
from deploy.grafana.boards.quality import quality
from deploy.grafana.boards.weekly import weekly

FOLDER = Path(__file__).parents[1] / "dashboards"
BOARDS = {"weekly": weekly, "standard": one, "quality": quality, "operations": operations}


def documents() -> dict[str, str]:
    """The text of each file, by name."""
    return {
        f"{name}.json": json.dumps(make(), cls=JSONEncoder, indent=2, sort_keys=True) + "\n"
        for name, make in BOARDS.items()
    }


if __name__ == "__main__":
    for name, text in documents().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
