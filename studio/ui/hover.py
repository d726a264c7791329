"""What a chart of curves does under the pointer: it tells the time, and shows the band of the curve that is nearest.

Everything here is a Vega expression, so it works in the app and in a page without the app.
"""

from collections.abc import Mapping
from typing import Any

import altair as alt

from pipeline.types import CURVE_RANGE

HOVERED_OPACITY, RESTING_OPACITY = 0.3, 0.14
"""How strongly the band of the hovered curve is drawn, and that of the first curve while none is hovered."""

HOVERED_WIDTH_PX, RESTING_WIDTH_PX = 2.75, 1.75

IS_HOVERED = "datum.curve === hovered"


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


def follow_moment(names: list[str]) -> alt.Parameter:
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
        fields=names,
        empty=False,
        toggle=False,
    )


def follow_curve(places: Mapping[str, tuple[int, int]], end_px: int) -> list[alt.Parameter]:
    """Return the parameters that say which curve is hovered: at the pointer's second, the one nearest to the pointer.

    Args:
        places: for each curve where its strip begins and ends, pixels from the top of the plot, downward.
        end_px: below this no curve is hovered.

    Returns:
        `gaps`, how far each curve is from the pointer, pixels, empty without one; and `hovered`, a curve's name or null.
    """
    gaps = ", ".join(_measure_gap(name, *edges) for name, edges in places.items())
    names = ", ".join(f"'{name}'" for name in places)
    nearest = f"[{names}][indexof(gaps, extent(gaps)[0])]"
    return [
        alt.param(name="gaps", expr=f"moment.x_s && pointer_y <= {end_px} ? [{gaps}] : []"),
        alt.param(name="hovered", expr=f"gaps.length ? {nearest} : null"),
    ]


def band_opacity(resting: str) -> dict[str, Any]:
    """Return how strongly each curve's band is drawn: the hovered one's clearly, else that of one curve softly."""
    hovered = alt.when(IS_HOVERED).then(alt.value(HOVERED_OPACITY))
    rests = hovered.when(f"!hovered && datum.curve === '{resting}'").then(alt.value(RESTING_OPACITY))
    condition: dict[str, Any] = rests.otherwise(alt.value(0))
    return condition


def line_width() -> dict[str, Any]:
    """Return how wide each curve is drawn, pixels: the hovered one stands out."""
    hovered = alt.when(IS_HOVERED).then(alt.value(HOVERED_WIDTH_PX))
    condition: dict[str, Any] = hovered.otherwise(alt.value(RESTING_WIDTH_PX))
    return condition


def _measure_gap(name: str, top_px: int, bottom_px: int) -> str:
    """How far a curve is from the pointer, pixels, as an expression."""
    low, high = CURVE_RANGE[name]
    height_px = (bottom_px - top_px) / (high - low)
    return f"abs(pointer_y - {top_px} - ({high} - moment.{name}[0]) * {height_px})"
