"""What a chart of curves does under the pointer: it tells the time, and shows the band of the curve that is nearest.

Everything here is a Vega expression, so it works in the app and in a page without the app. A pointer that moves makes
Vega evaluate only the one curve that is hovered, so two hours of all curves still follow it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from pipeline.types import CURVE_RANGE

HOVERED_OPACITY, RESTING_OPACITY = 0.3, 0.14
"""How strongly the band of the hovered curve is drawn, and that of the first curve while none is hovered."""

HOVERED_WIDTH_PX = 3

Places = Mapping[str, tuple[int, int]]
"""For each curve where its strip begins and ends, pixels from the top of the plot, downward."""


class HoverChart(alt.LayerChart):
    """A layered chart whose expressions may use `pointer_y`, the pointer's height in the plot, pixels from its top."""

    def to_dict(self, *args: Any, **options: Any) -> dict[str, Any]:
        """Return the chart as Vega-Lite with the pointer's height in it.

        Vega-Lite has no parameter that follows the pointer; Vega has, and takes it from the configuration. Altair's
        schema does not know it there.
        """
        spec: dict[str, Any] = super().to_dict(*args, **options)
        pointer = {"name": "pointer_y", "value": -1, "on": [{"events": "pointermove", "update": "y()"}]}
        spec["config"] = {**spec.get("config", {}), "signals": [pointer]}
        return spec


def follow_moment(names: Sequence[str]) -> alt.Parameter:
    """Return the selection of the second under the pointer, with the values of curves in it.

    Args:
        names: the curves; a column of the selected table is called after each.
    """
    return alt.selection_point(
        name="moment",
        nearest=True,
        on="pointermove",
        clear="pointerout",
        encodings=["x"],
        fields=list(names),
        toggle=False,
    )


def follow_curve(places: Places) -> list[alt.Parameter]:
    """Return the parameters that say which curve is hovered: at the pointer's second, the one nearest to the pointer.

    Args:
        places: the curves that are drawn, at least one; below them none is hovered.

    Returns:
        `gaps`, how far each curve is from the pointer, pixels, empty without one; `hovered`, a curve's name or null;
        `shown`, the curve whose band is drawn, the first one while none is hovered; and `place`, where that one's range
        ends, the pixel of this end, and the pixels of one unit.
    """
    scales = {name: _pixel_scale(name, *edges) for name, edges in places.items()}
    gaps = ", ".join(
        f"abs(pointer_y - {top_px} - ({high} - moment.{name}[0]) * {unit_px})"
        for name, (high, top_px, unit_px) in scales.items()
    )
    names = ", ".join(f"'{name}'" for name in places)
    end_px = max(bottom_px for _, bottom_px in places.values())
    table = ", ".join(f"{name}: [{', '.join(map(str, scale))}]" for name, scale in scales.items())
    return [
        alt.param(name="gaps", expr=f"moment.x_s && pointer_y <= {end_px} ? [{gaps}] : []"),
        alt.param(name="hovered", expr=f"gaps.length ? [{names}][indexof(gaps, extent(gaps)[0])] : null"),
        alt.param(name="shown", expr=f"hovered || '{next(iter(places))}'"),
        alt.param(name="place", expr=f"{{{table}}}[shown]"),
    ]


def draw_band(table: pd.DataFrame, x: alt.X, colors: Mapping[str, str]) -> list[alt.Chart]:
    """Draw the band of the `shown` curve, clearly and with a stronger line while it is hovered, else softly.

    Args:
        table: columns `x_s` and, for each curve, `NAME`, `NAME_low`, `NAME_high`.
        x: the clock.
        colors: of every curve that is drawn.
    """
    color = alt.ExprRef("{" + ", ".join(f"{name}: '{color}'" for name, color in colors.items()) + "}[shown]")
    base = alt.Chart(table).encode(x=x)
    band = base.transform_calculate(top_px=_to_pixel("_high"), bottom_px=_to_pixel("_low"))
    opacity = alt.ExprRef(f"hovered ? {HOVERED_OPACITY} : {RESTING_OPACITY}")
    line = base.transform_calculate(line_px=_to_pixel(""))
    width = alt.ExprRef(f"hovered ? {HOVERED_WIDTH_PX} : 0")
    pixels = {"scale": None, "axis": None}
    return [
        band.mark_area(fill=color, opacity=opacity).encode(y=alt.Y("top_px:Q", **pixels), y2="bottom_px:Q"),
        line.mark_line(stroke=color, strokeWidth=width).encode(y=alt.Y("line_px:Q", **pixels)),
    ]


def draw_pointer(x: alt.X, height_px: int, color: str) -> alt.Chart:
    """Draw a line through all strips at the second under the pointer."""
    rule = alt.Chart(pd.DataFrame({"x_s": [0.0]})).transform_filter("isValid(moment.x_s)")
    rule = rule.transform_calculate(x_s="moment.x_s[0]").mark_rule(color=color, opacity=0.45, strokeWidth=1)
    pointer: alt.Chart = rule.encode(x=x, y=alt.value(0), y2=alt.value(height_px))
    return pointer


def _pixel_scale(name: str, top_px: int, bottom_px: int) -> tuple[float, int, float]:
    """The end of a curve's range, the pixel of this end, and the pixels of one unit."""
    low, high = CURVE_RANGE[name]
    return high, top_px, (bottom_px - top_px) / (high - low)


def _to_pixel(suffix: str) -> str:
    """Where a column of the shown curve lies, pixels from the top of the plot, as an expression."""
    return f"place[1] + (place[0] - datum[shown + '{suffix}']) * place[2]"
