"""What the dashboards are put together from: queries, panels on a grid, variables, colours, links.

Colours are those of Okabe and Ito, which people who see colours differently tell apart; and whatever a colour says is
said in words beside it. Letters are large enough for a projector.
"""

from __future__ import annotations

from typing import Any

from grafana_foundation_sdk.builders import barchart, stat, table, timeseries
from grafana_foundation_sdk.builders.dashboard import (
    Dashboard,
    DashboardLink,
    FieldColor,
    QueryVariable,
    ThresholdsConfig,
)
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models.common import (
    DataSourceRef,
    StackingConfig,
    StackingMode,
    TableCellHeight,
    VizOrientation,
)

STORE = DataSourceRef(type_val="grafana-postgresql-datasource", uid="caseclock-store")
PROMETHEUS = DataSourceRef(type_val="prometheus", uid="caseclock-prometheus")
SCHEMA = 40  # of Grafana 11.4, which deploy/compose.yaml pins
BLUE, GREEN, ORANGE, RED, GREY = "#0072B2", "#009E73", "#E69F00", "#D55E00", "#8C8C8C"

# Words that carry a colour. A word is never told by its colour alone.
WORDS = {
    "on target": GREEN,
    "near target": ORANGE,
    "below target": RED,
    "no target": GREY,
    "none due": GREY,
    "lower than chance": RED,
    "higher than chance": BLUE,
    "-": GREY,
    "fresh": GREEN,
    "STALE": RED,
}


class Sql(Builder[Dataquery], Dataquery):
    """A query of the store, as Grafana's PostgreSQL data source takes it."""

    def __init__(self, sql: str, format: str = "table") -> None:
        self._sql, self._format, self._ref = sql.strip(), format, "A"

    def build(self) -> Dataquery:
        return self

    def to_json(self) -> dict[str, Any]:
        return {
            "refId": self._ref,
            "datasource": STORE.to_json(),
            "editorMode": "code",
            "format": self._format,
            "rawQuery": True,
            "rawSql": self._sql,
        }


class Promql(Builder[Dataquery], Dataquery):
    """A query of Prometheus."""

    def __init__(self, expr: str, legend: str, ref: str = "A") -> None:
        self._expr, self._legend, self._ref = expr, legend, ref

    def build(self) -> Dataquery:
        return self

    def to_json(self) -> dict[str, Any]:
        return {
            "refId": self._ref,
            "datasource": PROMETHEUS.to_json(),
            "editorMode": "code",
            "expr": self._expr,
            "legendFormat": self._legend,
            "range": True,
        }


def place(panel: Any, x: int, y: int, w: int, h: int) -> Any:
    """On a grid 24 wide."""
    return panel.grid_pos(model.GridPos(x=x, y=y, w=w, h=h))


def rows(title: str, sql: str, told: str = "", widths: dict[str, int] | None = None) -> table.Panel:
    """A table. Columns called `standing`, `signal` or `data` are coloured by their word."""
    panel = (
        table.Panel()
        .title(title)
        .description(told)
        .datasource(STORE)
        .with_target(Sql(sql))
        .cell_height(TableCellHeight.MD)
        .no_value("nothing")
    )
    for name in ("standing", "signal", "data"):
        panel = panel.override_by_name(
            name, [_option("mappings", [_words()]), _option("custom.cellOptions", {"type": "color-background"})]
        )
    for name, width in (widths or {}).items():
        panel = panel.override_by_name(name, [_option("custom.width", width)])
    return panel.override_by_regexp("/per cent/", [_option("unit", "percent"), _option("decimals", 0)])


def bars(title: str, sql: str, by: str, told: str = "", stacked: bool = True) -> barchart.Panel:
    """Bars for each row, along the column `by`."""
    stacking = StackingConfig(StackingMode.NORMAL if stacked else StackingMode.NONE, "A")
    return (
        barchart.Panel()
        .title(title)
        .description(told)
        .datasource(STORE)
        .with_target(Sql(sql))
        .x_field(by)
        .orientation(VizOrientation.VERTICAL)
        .stacking(stacking)
        .unit("short")
        .no_value("nothing")
    )


def lines(title: str, sql: str, told: str = "", unit: str = "percent") -> timeseries.Panel:
    """Lines over time."""
    return (
        timeseries.Panel()
        .title(title)
        .description(told)
        .datasource(STORE)
        .with_target(Sql(sql, "time_series"))
        .unit(unit)
        .line_width(3)
        .span_nulls(True)
        .no_value("nothing")
    )


def gauges(title: str, queries: list[tuple[str, str]], unit: str, told: str = "") -> timeseries.Panel:
    """Lines over time of Prometheus. `queries`: expression and legend."""
    panel = timeseries.Panel().title(title).description(told).datasource(PROMETHEUS).unit(unit).no_value("nothing")
    for ref, (expr, legend) in zip("ABCDEFG", queries, strict=False):
        panel = panel.with_target(Promql(expr, legend, ref))
    return panel


def number(title: str, expr: str, unit: str, limits: list[tuple[float, str]], told: str = "") -> stat.Panel:
    """One number of Prometheus, coloured from each limit on."""
    steps = [model.Threshold(value=None, color=GREEN), *(model.Threshold(value=at, color=c) for at, c in limits)]
    return (
        stat.Panel()
        .title(title)
        .description(told)
        .datasource(PROMETHEUS)
        .with_target(Promql(expr, title))
        .unit(unit)
        .no_value("nothing")
        .color_scheme(FieldColor().mode(model.FieldColorModeId.THRESHOLDS))
        .thresholds(ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps(steps))
    )


# What the figures are of, and whether that is of today: on every dashboard, large.
FRESH = """
SELECT CASE
    WHEN a.at < now() - interval '26 hours' THEN 'STALE: nothing was swept since ' || to_char(a.at, 'Dy DD Mon HH24:MI')
    WHEN f.days > 4 THEN 'STALE: nothing came from ' || f.source || ' for ' || f.days || ' working days'
    ELSE 'fresh: as of ' || to_char(a.at, 'Dy DD Mon YYYY HH24:MI') END AS data
FROM as_of a LEFT JOIN (
    SELECT source, working_days_silent AS days FROM feeds WHERE live_since IS NOT NULL ORDER BY days DESC, source LIMIT 1
) f ON true
UNION ALL SELECT 'STALE: nothing was ever swept' WHERE NOT EXISTS (SELECT 1 FROM as_of)"""


def freshness() -> stat.Panel:
    """The strip across the top."""
    coloured = [
        {"type": "regex", "options": {"pattern": "/^STALE.*/", "result": {"color": RED, "index": 0}}},
        {"type": "regex", "options": {"pattern": "/^fresh.*/", "result": {"color": GREEN, "index": 1}}},
    ]
    panel = (
        stat.Panel()
        .title("")
        .datasource(STORE)
        .with_target(Sql(FRESH))
        .no_value("STALE: the store does not answer")
        .override_by_name("data", [_option("mappings", coloured)])
    )
    built = panel.build()
    built.options = {
        "reduceOptions": {"values": True, "calcs": ["lastNotNull"], "fields": "/^data$/", "limit": 1},
        "colorMode": "background",
        "graphMode": "none",
        "justifyMode": "center",
        "textMode": "value",
        "text": {"valueSize": 32},
    }
    return panel


def _option(name: str, value: Any) -> model.DynamicConfigValue:
    return model.DynamicConfigValue(id_val=name, value=value)


def _words() -> dict[str, Any]:
    return {
        "type": "value",
        "options": {word: {"color": color, "index": n} for n, (word, color) in enumerate(WORDS.items())},
    }


def variable(name: str, label: str, query: str, all_of: bool = False) -> QueryVariable:
    """A choice, from a query. `all_of`: several may be chosen, and all are at first."""
    made = (
        QueryVariable(name)
        .label(label)
        .datasource(STORE)
        .query(query.strip())
        .refresh(model.VariableRefresh.ON_DASHBOARD_LOAD)
        .sort(model.VariableSort.DISABLED)
    )
    if all_of:
        every = model.VariableOption(text="All", value="$__all", selected=True)
        made = made.multi(True).include_all(True).current(every)
    return made


VARIABLES = {
    "register": ("Register", "SELECT DISTINCT register FROM standards ORDER BY register", False),
    "standards": (
        "Standards",
        "SELECT title AS __text, standard AS __value FROM standards"
        " WHERE register = ${register:sqlstring} ORDER BY position",
        True,
    ),
    "standard": (
        "Standard",
        "SELECT title AS __text, standard AS __value FROM standards"
        " WHERE register = ${register:sqlstring} ORDER BY position",
        False,
    ),
    "division": (
        "Division",
        "SELECT name FROM (SELECT 0 AS n, 'county' AS name UNION SELECT 1, division FROM teams) d ORDER BY n, name",
        False,
    ),
    "team": ("Teams", "SELECT team FROM teams WHERE ${division:sqlstring} IN ('county', division) ORDER BY team", True),
    "period": ("Week", "SELECT week FROM weeks ORDER BY week_on DESC LIMIT 160", False),
}


def board(uid: str, title: str, told: str, variables: list[str], panels: list[Any]) -> model.Dashboard:
    """A dashboard: the strip at the top, then the panels, which begin at y = 3."""
    made = (
        Dashboard(title)
        .uid(uid)
        .description(told)
        .tags(["caseclock"])
        .timezone("Europe/London")
        .readonly()
        .refresh("5m")
        .time("now-12M", "now")
        .week_start("monday")
        .link(
            DashboardLink("Caseclock")
            .type(model.DashboardLinkType.DASHBOARDS)
            .tags(["caseclock"])
            .keep_time(True)
            .include_vars(True)
        )
    )
    for name in variables:
        label, query, all_of = VARIABLES[name]
        made = made.with_variable(variable(name, label, query, all_of))
    for number_, panel in enumerate([place(freshness(), 0, 0, 24, 3), *panels], start=1):
        made = made.with_panel(panel.id(number_))
    built = made.build()
    built.schema_version = SCHEMA
    built.annotations = model.AnnotationContainer(list_val=[])
    for link in built.links or []:
        link.placement = None  # which Grafana 11 does not know
    return built
