"""The pictures: one style, one palette, one clock along the bottom.

A chart of curves is a single plot with strips stacked inside it, so that one time axis, one pointer and one
playhead go through them all. Its margins are fixed (`LEFT_PX`, `RIGHT_PX`), so that the player knows which second
lies under a pixel.
"""

import html
import json
from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import Any

import altair as alt
import pandas as pd
import vl_convert

from pipeline.types import CURVE_RANGE, CURVES, STREAMS, Analysis
from studio.ui.palette import DARK, LIGHT, Palette
from studio.ui.tidy import curve_table, moment_table, seconds_per_point, share_table, shot_table
from studio.ui.words import PROXY, describe_analysis, describe_points

LEFT_PX = 40
RIGHT_PX = 17
"""The plot lies this far from the chart's left and right edge, whatever is drawn in it."""

AXIS_PX = 30
"""The room that the time axis takes below the plot."""

LABEL_PX = 26
LABEL_INDENT_PX = 8
GAP_PX = 14
STRIP_PX = {"curves": 230, "valence": 84, "shots": 12, "shares": 40}
"""How high each strip is, below a line of labels."""

TICK_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
MAX_TICKS = 12
PAGE = Path(__file__).parent / "curves.html"
FONT = '"Source Sans", "Source Sans 3", "Segoe UI", "Helvetica Neue", Arial, sans-serif'


def chart_config(palette: Palette) -> dict[str, Any]:
    """Return Throughline's chart style as Vega-Lite configuration, in the colours of a palette."""
    labels = {"labelFont": FONT, "labelFontSize": 12, "labelColor": palette.muted, "labelPadding": 8}
    return {
        "background": "transparent",
        "font": FONT,
        "view": {"stroke": None},
        "axis": {**labels, "domain": False, "ticks": False, "grid": False, "title": None},
        "axisX": {"domain": True, "domainColor": palette.line, "ticks": True, "tickColor": palette.line},
        "line": {"strokeCap": "round", "strokeJoin": "round"},
        "text": {"font": FONT, "fontSize": 12, "align": "left", "baseline": "middle"},
    }


def throughline_theme() -> alt.theme.ThemeConfig:
    """The style of every chart that says nothing else."""
    return alt.theme.ThemeConfig(config=chart_config(LIGHT))


alt.theme.register("throughline", enable=True)(throughline_theme)
alt.data_transformers.disable_max_rows()  # `MAX_POINTS` bounds every table already.


def draw_curves(
    analysis: Analysis, names: Sequence[str] = ("tension",), *, band: str | None = "tension", dark: bool = False
) -> alt.LayerChart:
    """Draw curves over a film's time, with its shots and what the first curve rests on beneath them.

    Args:
        analysis: what is known of the cut.
        names: the curves, at least one, in the order of importance.
        band: the curve whose band is drawn; none for None or a curve that is not among the names.
        dark: in the colours of the dark face.

    Returns:
        A chart as wide as its container, with fixed margins.
    """
    palette = DARK if dark else LIGHT
    tops = place_strips(names)
    layers = [_draw_rule(analysis, names, palette, chart_height_px(names))]
    for strip in ("curves", "valence"):
        shown = [name for name in names if (name == "valence") == (strip == "valence")]
        if shown:
            layers += [_draw_strip(analysis, shown, band, palette, tops[strip], strip)]
    layers += [_draw_shots(analysis, palette, tops["shots"]), _draw_shares(analysis, names[0], palette, tops["shares"])]
    layers += [_draw_labels(names, palette, tops)]
    chart = alt.layer(*layers).resolve_scale(y="independent", color="independent")
    # Vega leaves a pixel of its own beside the padding.
    return chart.properties(
        width="container",
        height=chart_height_px(names),
        padding={"left": 0, "right": RIGHT_PX - 1, "top": 0, "bottom": 6},
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
        config=alt.Config(**chart_config(palette)),
    )


def chart_html(analysis: Analysis) -> str:
    """Write a cut's curves as one web page that needs nothing else, not even a network.

    Args:
        analysis: what is known of the cut.

    Returns:
        A page with two charts: tension, arousal and valence; and the emotions.
    """
    groups = {"feeling": CURVES[:3], "emotions": CURVES[3:]}
    specs = {group: draw_curves(analysis, names).to_dict() for group, names in groups.items()}
    for spec in specs.values():
        spec["usermeta"] = {"embedOptions": {"renderer": "svg"}}
    words = [describe_points(seconds_per_point(analysis)), PROXY, *analysis.notes]
    version = ".".join(alt.SCHEMA_VERSION.split(".")[:2])
    return Template(PAGE.read_text(encoding="utf-8")).substitute(
        {group: json.dumps(spec).replace("</", "<\\/") for group, spec in specs.items()},
        title=html.escape(analysis.cut.title),
        heading=describe_analysis(analysis),
        words="".join(f"<p>{html.escape(sentence)}</p>" for sentence in words),
        library=vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=version),
        page=LIGHT.page,
        ink=LIGHT.ink,
        muted=LIGHT.muted,
    )


def place_strips(names: Sequence[str]) -> dict[str, int]:
    """Return where each strip begins, pixels from the top of the plot, for the curves that are drawn."""
    tops, y_px = {}, 0
    for strip, height_px in STRIP_PX.items():
        drawn = {"curves": any(name != "valence" for name in names), "valence": "valence" in names}.get(strip, True)
        if drawn:
            tops[strip] = y_px + LABEL_PX
            y_px += LABEL_PX + height_px + GAP_PX
    return tops


def chart_height_px(names: Sequence[str]) -> int:
    """Return the height of the plot, without the time axis, pixels."""
    return place_strips(names)["shares"] + STRIP_PX["shares"]


def tick_times(duration_s: float) -> list[float]:
    """Return the seconds that the time axis names: multiples of a round step, at most `MAX_TICKS` after the first."""
    step_s = next((step for step in TICK_STEPS_S if duration_s / step <= MAX_TICKS), TICK_STEPS_S[-1])
    return [float(second) for second in range(0, int(duration_s) + 1, step_s)]


def _time_axis(analysis: Analysis) -> alt.X:
    """The clock that every layer shares."""
    duration_s = float(analysis.cut.duration_s)
    label = "floor(datum.value / 3600) + utcFormat(datum.value * 1000, ':%M:%S')"
    axis = alt.Axis(values=tick_times(duration_s), labelExpr=label, labelFlush=True, labelOverlap=True)
    return alt.X("x_s:Q", scale=alt.Scale(domain=[0, duration_s], nice=False), axis=axis, title=None)


def _draw_strip(
    analysis: Analysis, names: Sequence[str], band: str | None, palette: Palette, top_px: int, strip: str
) -> alt.LayerChart:
    """The curves of one range, with the band of at most one of them."""
    low, high = CURVE_RANGE[names[0]]
    scale = alt.Scale(domain=[low, high], range=[top_px + STRIP_PX[strip], top_px], nice=False)
    ticks = [low, (low + high) / 2, high]
    axis = alt.Axis(values=ticks, format=".1f", orient="left", minExtent=LEFT_PX, maxExtent=LEFT_PX)
    color = alt.Color(
        "curve:N", scale=alt.Scale(domain=list(names), range=[palette.curves[name] for name in names]), legend=None
    )
    table = curve_table(analysis, names)
    base = alt.Chart(table).encode(x=_time_axis(analysis), color=color)
    # Vega-Lite draws the grid of the first strip only.
    grid = alt.Chart(pd.DataFrame({"value": ticks})).mark_rule(color=palette.line)
    grid = grid.encode(y=alt.Y("value:Q", scale=scale, axis=axis, title=None))
    lines = base.mark_line(strokeWidth=1.75).encode(y=alt.Y("value:Q", scale=scale, axis=axis, title=None))
    if band not in names:
        return alt.layer(grid, lines)
    area = base.transform_filter(alt.datum.curve == band).mark_area(opacity=0.16)
    return alt.layer(area.encode(y=alt.Y("low:Q", scale=scale, axis=axis, title=None), y2="high:Q"), grid, lines)


def _draw_shots(analysis: Analysis, palette: Palette, top_px: int) -> alt.Chart:
    """One tick where each shot begins."""
    ticks = alt.Chart(shot_table(analysis)).mark_rule(color=palette.muted, opacity=0.75, strokeWidth=1)
    return ticks.encode(x=_time_axis(analysis), y=alt.value(top_px), y2=alt.value(top_px + STRIP_PX["shots"]))


def _draw_shares(analysis: Analysis, name: str, palette: Palette, top_px: int) -> alt.Chart:
    """What each stream had to do with a curve, stacked."""
    scale = alt.Scale(domain=[0, 1], range=[top_px + STRIP_PX["shares"], top_px], nice=False)
    colors = alt.Scale(domain=list(STREAMS), range=[palette.streams[stream] for stream in STREAMS])
    return (
        alt.Chart(share_table(analysis, name))
        .mark_area(opacity=0.85)
        .encode(
            x=_time_axis(analysis),
            y=alt.Y("bottom:Q", scale=scale, axis=None),
            y2="top:Q",
            color=alt.Color("stream:N", scale=colors, legend=None),
        )
    )


def _draw_rule(analysis: Analysis, names: Sequence[str], palette: Palette, height_px: int) -> alt.Chart:
    """A line through all strips at the pointer's second, which tells its time and values."""
    hover = alt.selection_point(
        name="moment", nearest=True, on="pointermove", clear="pointerout", encodings=["x"], empty=False
    )
    tooltip = [
        alt.Tooltip("time:N", title="time"),
        *(alt.Tooltip(f"{name}:Q", title=name, format=".2f") for name in names),
    ]
    return (
        alt.Chart(moment_table(analysis, names))
        .mark_rule(color=palette.ink, strokeWidth=1)
        .encode(
            x=_time_axis(analysis),
            y=alt.value(0),
            y2=alt.value(height_px),
            opacity=alt.condition(hover, alt.value(0.45), alt.value(0)),
            tooltip=tooltip,
        )
        .add_params(hover)
    )


def _draw_labels(names: Sequence[str], palette: Palette, tops: dict[str, int]) -> alt.LayerChart:
    """What is drawn, named above each strip in its own colour."""
    curves = [(name, palette.curves[name]) for name in names if name != "valence"]
    rows = _label_row(curves, tops.get("curves"))
    rows += _label_row([("valence", palette.curves["valence"])], tops.get("valence"))
    rows += _label_row([("shots", palette.muted)], tops["shots"])
    streams = [(stream, palette.streams[stream]) for stream in STREAMS]
    rows += _label_row([(f"what {names[0]} rests on:", palette.muted)], tops["shares"])
    rows += _label_row(streams, tops["shares"], start_px=54 + 9 * len(names[0] + "what rests on:") // 2)
    marks = alt.Chart(pd.DataFrame(rows)).encode(
        x=alt.X("x_px:Q", scale=None, axis=None),
        y=alt.Y("y_px:Q", scale=None, axis=None),
        color=alt.Color("color:N", scale=None),
    )
    return alt.layer(marks.mark_text(fontWeight=600).encode(text="text:N"))


def _label_row(
    labels: Sequence[tuple[str, str]], top_px: int | None, start_px: int = LABEL_INDENT_PX
) -> list[dict[str, Any]]:
    """Set names side by side above a strip; nothing for a strip that is not drawn."""
    if top_px is None:
        return []
    rows, x_px = [], start_px
    for text, color in labels:
        rows.append({"x_px": x_px, "y_px": top_px - LABEL_PX / 2 + 2, "text": text, "color": color})
        x_px += 22 + 7 * len(text)
    return rows
