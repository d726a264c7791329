"""Two cuts' curves on the story's clock, with a ribbon for every change in the lane of its kind."""

from collections.abc import Collection, Sequence

import altair as alt
import numpy as np
import pandas as pd

from pipeline.comparison import CHANGES, AlignedCurves, Change, Consequence
from pipeline.story_clock import find_destination, list_stretches, place_change
from pipeline.types import CURVE_RANGE
from studio.ui.charts import RIGHT_PX, chart_config, draw_clock
from studio.ui.palette import DARK, LIGHT, Palette
from studio.ui.tidy import MAX_POINTS, seconds_to_clock

CHART_KEY = "compare-chart"

LEFT_PX = 72
"""The plot lies this far from the chart's left edge: the names of the lanes stand there."""

LABEL_PX, CURVE_PX, GAP_PX = 26, 190, 16
LANE_PX, LANE_GAP_PX = 12, 6
RIBBON_PX = 3
"""No ribbon is narrower than this, or a change of a few frames in two hours would not be seen."""


def place_lanes(changes: Sequence[Change]) -> dict[str, tuple[int, int]]:
    """Return the top and the bottom of the lane of each kind that there is, pixels from the top of the plot."""
    kinds = [kind for kind in CHANGES if any(change.kind == kind for change in changes)]
    first = LABEL_PX + CURVE_PX + GAP_PX
    tops = [first + i * (LANE_PX + LANE_GAP_PX) for i in range(len(kinds))]
    return {kind: (top, top + LANE_PX) for kind, top in zip(kinds, tops, strict=True)}


def draw_compared(
    consequence: Consequence,
    *,
    curve: str = "tension",
    shown: Collection[int] | None = None,
    picked: int | None = None,
    dark: bool = False,
) -> alt.LayerChart:
    """Draw one curve of both cuts on the story's clock: the first's grey and broken, the second's solid.

    Args:
        consequence: what changed and what it did.
        curve: which curve.
        shown: the places of the changes that stand out, counted from 0; None for all.
        picked: the place of the one that stands out most.
        dark: in the colours of the dark face.

    Returns:
        A chart as wide as its container, with fixed margins.
    """
    palette = DARK if dark else LIGHT
    changes = consequence.comparison.changes
    lanes = place_lanes(changes)
    end_s = float(sum(stretch.length_s for stretch in list_stretches(consequence.comparison)))
    height_px = max([LABEL_PX + CURVE_PX, *(bottom for _, bottom in lanes.values())])
    clock = draw_clock(0, end_s)
    ribbons = _list_ribbons(consequence, lanes, palette, shown=shown, picked=picked)
    layers: list[alt.Chart | alt.LayerChart] = [
        _draw_shades(ribbons, clock),
        _draw_lines(consequence.aligned, curve, clock, palette, end_s),
        _draw_ribbons(ribbons, clock, palette),
        _draw_names(lanes, curve, palette),
        _draw_pointer(consequence.aligned, curve, clock, palette, height_px, end_s),
    ]
    chart: alt.LayerChart = (
        alt.layer(*layers)
        .resolve_scale(y="independent", color="independent")
        .properties(
            description=f"{curve} of both cuts on one clock, with what changed",
            width="container",
            height=height_px,
            padding={"left": 0, "right": RIGHT_PX - 1, "top": 0, "bottom": 6},
            autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
            config=alt.Config(**chart_config(palette)),
        )
    )
    return chart


def _list_ribbons(
    consequence: Consequence,
    lanes: dict[str, tuple[int, int]],
    palette: Palette,
    *,
    shown: Collection[int] | None,
    picked: int | None,
) -> pd.DataFrame:
    """Lay out the changes for drawing, a row each."""
    stretches = list_stretches(consequence.comparison)
    rows = []
    for i, change in enumerate(consequence.comparison.changes):
        start_s, end_s = place_change(stretches, change)
        is_shown = shown is None or i in shown
        top, bottom = lanes[change.kind]
        rows.append(
            {
                "x_s": round(start_s, 3),
                "end_s": round(end_s, 3),
                "top_px": top,
                "bottom_px": bottom,
                "color": palette.changes[change.kind],
                "solid": 1.0 if is_shown else 0.25,
                "shade": 0.3 if i == picked else 0.1 if is_shown else 0.0,
                "picked": i == picked,
                "to_s": round(find_destination(stretches, change), 3) if change.kind == "moved" else None,
            }
        )
    names = ["x_s", "end_s", "top_px", "bottom_px", "color", "solid", "shade", "picked", "to_s"]
    return pd.DataFrame(rows, columns=names)


def _draw_shades(ribbons: pd.DataFrame, clock: alt.X) -> alt.Chart:
    """What changed, shaded faintly behind the curves."""
    shades: alt.Chart = (
        alt.Chart(ribbons)
        .mark_rect()
        .encode(
            x=clock,
            x2="end_s:Q",
            y=alt.value(LABEL_PX),
            y2=alt.value(LABEL_PX + CURVE_PX),
            color=alt.Color("color:N", scale=None),
            opacity=alt.Opacity("shade:Q", scale=None),
        )
    )
    return shades


def _draw_ribbons(ribbons: pd.DataFrame, clock: alt.X, palette: Palette) -> alt.LayerChart:
    """A ribbon for each change, its outline keeping even a short one visible; from what has moved a line to where it is now."""
    base = alt.Chart(ribbons).encode(
        x=clock,
        x2="end_s:Q",
        y=alt.Y("top_px:Q", scale=None, axis=None),
        y2="bottom_px:Q",
        opacity=alt.Opacity("solid:Q", scale=None),
    )
    color, stroke = alt.Color("color:N", scale=None), alt.Stroke("color:N", scale=None)
    bars = base.mark_rect(strokeWidth=RIBBON_PX - 1).encode(color=color, stroke=stroke)
    outline = base.transform_filter("datum.picked").mark_rect(filled=False, strokeWidth=2, stroke=palette.ink)
    moved = ribbons[ribbons["to_s"].notna()].assign(middle_px=lambda rows: (rows["top_px"] + rows["bottom_px"]) / 2)
    from_s = moved["end_s"].where(moved["to_s"] >= moved["end_s"], moved["x_s"])
    lines = alt.Chart(moved.assign(x_s=from_s, end_s=moved["to_s"])).mark_rule(strokeWidth=1.5)
    ends = alt.Chart(moved.assign(x_s=moved["to_s"])).mark_tick(thickness=2, size=LANE_PX, orient="vertical")
    middle = alt.Y("middle_px:Q", scale=None, axis=None)
    opacity = alt.Opacity("solid:Q", scale=None)
    ways = lines.encode(x=clock, x2="end_s:Q", y=middle, color=color, opacity=opacity)
    return alt.layer(ways, ends.encode(x=clock, y=middle, color=color, opacity=opacity), bars, outline)


def _draw_lines(aligned: AlignedCurves, curve: str, clock: alt.X, palette: Palette, end_s: float) -> alt.LayerChart:
    """Both curves, each broken where its cut has nothing."""
    low, high = CURVE_RANGE[curve]
    ticks = [low, (low + high) / 2, high]
    scale = alt.Scale(domain=[low, high], range=[LABEL_PX + CURVE_PX, LABEL_PX], nice=False)
    axis = alt.Axis(values=ticks, format=".1f", orient="left", minExtent=LEFT_PX, maxExtent=LEFT_PX)
    y = alt.Y("value:Q", scale=scale, axis=axis, title=None)
    grid = alt.Chart(pd.DataFrame({"value": ticks})).mark_rule(color=palette.line).encode(y=y)
    table = _line_table(aligned, curve, end_s)
    styles = (("a", palette.muted, [5, 4]), ("b", palette.ink, [1, 0]))
    lines = [
        alt.Chart(table[table["cut"] == cut])
        .mark_line(color=color, strokeDash=dash, strokeWidth=1.75, invalid="break-paths-show-domains")
        .encode(x=clock, y=y)
        for cut, color, dash in styles
    ]
    return alt.layer(grid, *lines)


def _line_table(aligned: AlignedCurves, curve: str, end_s: float) -> pd.DataFrame:
    """Lay both curves out for drawing, a row a point and cut; a point is a mean of some seconds in a long film."""
    step = max(1, -(-len(aligned.kinds) // MAX_POINTS))
    middles = np.minimum(_average(np.arange(len(aligned.kinds)) + 0.5, step), end_s).round(3)
    column = aligned.names.index(curve)
    tables = [
        pd.DataFrame({"x_s": middles, "cut": cut, "value": _average(values[:, column], step).round(4)})
        for cut, values in (("a", aligned.a), ("b", aligned.b))
    ]
    return pd.concat(tables, ignore_index=True)


def _average(values: np.ndarray, step: int) -> np.ndarray:
    """Average each few seconds of what there is of them; NaN where there is nothing."""
    padded = np.full(-(-len(values) // step) * step, np.nan)
    padded[: len(values)] = values
    rows = padded.reshape(-1, step)
    counts = (~np.isnan(rows)).sum(axis=1)
    means: np.ndarray = np.where(counts > 0, np.nansum(rows, axis=1) / np.maximum(counts, 1), np.nan)
    return means


def _draw_names(lanes: dict[str, tuple[int, int]], curve: str, palette: Palette) -> alt.LayerChart:
    """What is drawn: the curves above the plot, the kinds of change beside their lanes."""
    middle = LABEL_PX / 2 + 2
    rows = [
        {"x_px": 8, "y_px": middle, "text": f"{curve}:", "color": palette.muted},
        {"x_px": 16 + 7 * len(curve), "y_px": middle, "text": "– – A", "color": palette.muted},
        {"x_px": 58 + 7 * len(curve), "y_px": middle, "text": "— B", "color": palette.ink},
    ]
    marks = alt.Chart(pd.DataFrame(rows)).mark_text(fontWeight=600)
    names = [
        {"x_px": -10, "y_px": (top + bottom) / 2, "text": kind, "color": palette.changes[kind]}
        for kind, (top, bottom) in lanes.items()
    ]
    named = alt.Chart(pd.DataFrame(names, columns=["x_px", "y_px", "text", "color"])).mark_text(align="right")
    places = {
        "x": alt.X("x_px:Q", scale=None, axis=None),
        "y": alt.Y("y_px:Q", scale=None, axis=None),
        "color": alt.Color("color:N", scale=None),
        "text": "text:N",
    }
    return alt.layer(marks.encode(**places), named.encode(**places))


def _draw_pointer(
    aligned: AlignedCurves, curve: str, clock: alt.X, palette: Palette, height_px: int, end_s: float
) -> alt.Chart:
    """What is seen only at the pointer, and tells where both cuts are and what their curves say."""
    table = _line_table(aligned, curve, end_s).pivot(index="x_s", columns="cut", values="value").reset_index()
    step = max(1, -(-len(aligned.kinds) // MAX_POINTS))
    for cut, instants in (("a", aligned.a_s), ("b", aligned.b_s)):
        table[f"{cut}_time"] = [
            "" if np.isnan(instant_s) else seconds_to_clock(instant_s) for instant_s in instants[::step]
        ]
    row = "(datum.datum || datum)"
    value = "isValid({row}.{cut}) ? {row}.{cut}_time + '   ' + format({row}.{cut}, '.2f') : 'nothing here'"
    told = ", ".join(f"{cut.upper()}: {value.format(row=row, cut=cut)}" for cut in "ab")
    near = alt.selection_point(
        name="hovered", nearest=True, on="pointermove", clear="pointerout", encodings=["x"], toggle=False
    )
    rules: alt.Chart = (
        alt.Chart(table)
        .mark_rule(color=palette.ink, strokeWidth=1)
        .encode(
            x=clock,
            y=alt.value(0),
            y2=alt.value(height_px),
            tooltip=alt.value(alt.ExprRef(f"{{{told}}}")),
            opacity=alt.condition(near, alt.value(0.35), alt.value(0), empty=False),
        )
        .add_params(near)
    )
    return rules
