"""The pictures: one style, one palette, one clock along the bottom.

A chart of curves is a single plot with strips stacked inside it, so that one time axis, one pointer and one
playhead go through them all. Its margins are fixed (`LEFT_PX`, `RIGHT_PX`), so that the player knows which second
lies under a pixel.
"""

import html
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import altair as alt
import pandas as pd
import vl_convert

from pipeline.comparison import Passage
from pipeline.types import CURVE_RANGE, CURVES, STREAM_WORDS, STREAMS, Analysis
from studio.remarks import Note
from studio.ui.hover import HoverChart, draw_band, draw_pointer, follow_curve, follow_moment
from studio.ui.palette import DARK, LIGHT, Palette
from studio.ui.passage_marks import draw_passages
from studio.ui.tidy import Stretch, curve_table, draft_table, moment_table, share_table, shot_table, whole_film
from studio.ui.words import describe_analysis, describe_model, describe_points

LEFT_PX = 40
RIGHT_PX = 17
"""The plot lies this far from the chart's left and right edge, whatever is drawn in it."""

AXIS_PX = 30
"""The room that the time axis takes below the plot."""

LABEL_PX = 26
LABEL_INDENT_PX = 8
LABEL_GAP_PX = 18
GAP_PX = 14
FLAG_PX = LABEL_PX + 4
"""How far below the top of the plot the flags of notes stand: under the labels."""
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
    analysis: Analysis,
    names: Sequence[str] = ("tension",),
    *,
    stretch: Stretch | None = None,
    passages: Sequence[Passage] = (),
    notes: Sequence[Note] = (),
    dark: bool = False,
) -> HoverChart:
    """Draw curves over a film's time, with its shots and what the first curve rests on beneath them.

    The band of the curve under the pointer is shown; while there is none, the first curve's.

    Args:
        analysis: what is known of the cut.
        names: the curves, at least one, in the order of importance.
        stretch: which part of the film; None for all of it.
        passages: what to mark of the first curve.
        notes: what people noted of the film.
        dark: in the colours of the dark face.

    Returns:
        A chart as wide as its container, with fixed margins.
    """
    palette = DARK if dark else LIGHT
    part = _Part(analysis, stretch or whole_film(analysis), palette, place_strips(names))
    moments = moment_table(analysis, names, part.stretch)
    band, hovered_line = draw_band(moments, part.clock(), {name: palette.curves[name] for name in names})
    layers = [_draw_moments(part, moments, names), band]
    for strip in ("curves", "valence"):
        shown = [name for name in names if _strip_of(name) == strip]
        if shown:
            layers += [_draw_strip(part, shown, strip)]
    if passages:
        edges, color = part.edges(_strip_of(names[0])), palette.curves[names[0]]
        layers += [draw_passages(passages, names[0], part.stretch, clock=part.clock(), edges=edges, color=color)]
    if noted := [note for note in notes if part.stretch.start_s <= note.at_s <= part.stretch.end_s]:
        layers += [_draw_notes(part, noted, chart_height_px(names))]
    layers += [hovered_line, _draw_shots(part), _draw_shares(part, names[0])]
    if analysis.features.draft.any():
        layers += [_draw_veil(part, chart_height_px(names))]
    layers += [_draw_labels(part, names)]
    layers += [draw_pointer(part.clock(), chart_height_px(names), palette.ink)]
    places = {name: part.edges(_strip_of(name)) for name in names}
    chart = HoverChart(layer=layers).resolve_scale(y="independent", color="independent")
    chart = chart.add_params(*follow_curve(places))
    # Vega leaves a pixel of its own beside the padding.
    sized: HoverChart = chart.properties(
        description=f"{', '.join(names)} over the film",
        width="container",
        height=chart_height_px(names),
        padding={"left": 0, "right": RIGHT_PX - 1, "top": 0, "bottom": 6},
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
        config=alt.Config(**chart_config(palette)),
    )
    return sized


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
    words = [describe_points(whole_film(analysis)), describe_model(analysis), *analysis.notes]
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


def tick_times(start_s: float, end_s: float) -> list[float]:
    """Return the seconds that the time axis names: multiples of a round step, about `MAX_TICKS` of them."""
    step_s = next((step for step in TICK_STEPS_S if (end_s - start_s) / step <= MAX_TICKS), TICK_STEPS_S[-1])
    first = math.ceil(start_s / step_s) * step_s
    return [float(second) for second in range(first, int(end_s) + 1, step_s)]


def draw_clock(start_s: float, end_s: float, *, with_hours: bool = True) -> alt.X:
    """Return the time axis, over the field `x_s`, seconds.

    Args:
        start_s: where it begins, seconds.
        end_s: where it ends.
        with_hours: whether its labels are `H:MM:SS`; else they are `M:SS`.
    """
    label = "floor(datum.value / 3600) + utcFormat(datum.value * 1000, ':%M:%S')"
    if not with_hours:
        label = "floor(datum.value / 60) + utcFormat(datum.value * 1000, ':%S')"
    axis = alt.Axis(values=tick_times(start_s, end_s), labelExpr=label, labelFlush=True, labelOverlap=True)
    return alt.X("x_s:Q", scale=alt.Scale(domain=[start_s, end_s], nice=False), axis=axis, title=None)


@dataclass(frozen=True)
class _Part:
    """What every layer is drawn from: the film, which part of it, in which colours, and where the strips begin."""

    analysis: Analysis
    stretch: Stretch
    palette: Palette
    tops: dict[str, int]

    def edges(self, strip: str) -> tuple[int, int]:
        """The top and the bottom of a strip, pixels from the top of the plot."""
        return self.tops[strip], self.tops[strip] + STRIP_PX[strip]

    def clock(self) -> alt.X:
        """The time axis that every layer shares."""
        return draw_clock(self.stretch.start_s, self.stretch.end_s)


def _strip_of(name: str) -> str:
    """The strip that a curve is drawn in."""
    return "valence" if name == "valence" else "curves"


def _draw_strip(part: _Part, names: Sequence[str], strip: str) -> alt.LayerChart:
    """The curves of one range."""
    low, high = CURVE_RANGE[names[0]]
    top_px, bottom_px = part.edges(strip)
    ticks = [low, (low + high) / 2, high]
    axis = alt.Axis(values=ticks, format=".1f", orient="left", minExtent=LEFT_PX, maxExtent=LEFT_PX)
    scale = {"scale": alt.Scale(domain=[low, high], range=[bottom_px, top_px], nice=False), "axis": axis, "title": None}
    colors = alt.Scale(domain=list(names), range=[part.palette.curves[name] for name in names])
    table = curve_table(part.analysis, names, part.stretch)
    color = alt.Color("curve:N", scale=colors, legend=None)
    # Vega-Lite draws the grid of the first strip only.
    grid = alt.Chart(pd.DataFrame({"value": ticks})).mark_rule(color=part.palette.line)
    lines = alt.Chart(table).mark_line(strokeWidth=1.75)
    lines = lines.encode(x=part.clock(), y=alt.Y("value:Q", **scale), color=color)
    return alt.layer(grid.encode(y=alt.Y("value:Q", **scale)), lines)


def _draw_shots(part: _Part) -> alt.Chart:
    """One tick where each shot begins."""
    top_px, bottom_px = part.edges("shots")
    ticks = alt.Chart(shot_table(part.analysis, part.stretch))
    ticks = ticks.mark_rule(color=part.palette.muted, opacity=0.75, strokeWidth=1)
    return ticks.encode(x=part.clock(), y=alt.value(top_px), y2=alt.value(bottom_px))


def _draw_shares(part: _Part, name: str) -> alt.Chart:
    """What each stream had to do with a curve, stacked."""
    top_px, bottom_px = part.edges("shares")
    scale = alt.Scale(domain=[0, 1], range=[bottom_px, top_px], nice=False)
    colors = alt.Scale(domain=list(STREAM_WORDS.values()), range=[part.palette.streams[stream] for stream in STREAMS])
    return (
        alt.Chart(share_table(part.analysis, name, part.stretch))
        .mark_area(opacity=0.85)
        .encode(
            x=part.clock(),
            y=alt.Y("bottom:Q", scale=scale, axis=None),
            y2="top:Q",
            color=alt.Color("stream:N", scale=colors, legend=None),
        )
    )


def _draw_notes(part: _Part, notes: Sequence[Note], height_px: int) -> alt.LayerChart:
    """A dotted line at each note, under a flag at the top of the plot."""
    table = alt.Chart(pd.DataFrame([{"x_s": note.at_s} for note in notes])).encode(x=part.clock())
    lines = table.mark_rule(color=part.palette.muted, strokeDash=[1, 3], strokeWidth=1)
    flags = table.mark_point(shape="triangle-right", size=60, filled=True, color=part.palette.ink, opacity=0.8)
    lines = lines.encode(y=alt.value(FLAG_PX), y2=alt.value(height_px))
    return alt.layer(lines, flags.encode(y=alt.value(FLAG_PX)))


def _draw_veil(part: _Part, height_px: int) -> alt.LayerChart:
    """What rests on a draft, drawn faint behind a veil that begins at a dashed line."""
    runs = alt.Chart(draft_table(part.analysis, part.stretch))
    veil = runs.mark_rect(color=part.palette.page, opacity=0.6).encode(x2="end_s:Q")
    edge = runs.mark_rule(color=part.palette.muted, strokeDash=[4, 4])
    tall = {"x": part.clock(), "y": alt.value(0), "y2": alt.value(height_px)}
    return alt.layer(veil.encode(**tall), edge.encode(**tall))


def _draw_moments(part: _Part, moments: pd.DataFrame, names: Sequence[str]) -> alt.Chart:
    """What cannot be seen, but tells the pointer its time and values, and the other layers where the pointer is."""
    # Written out, because some versions of Vega-Lite look for a text of the nearest row in the wrong place.
    row = "(datum.datum || datum)"
    told = [f"time: {row}.time", *(f"{name}: format({row}.{name}, '.2f')" for name in names)]
    tooltip = alt.value(alt.ExprRef(f"{{{', '.join(told)}}}"))
    rules = alt.Chart(moments).mark_rule(opacity=0).encode(x=part.clock(), tooltip=tooltip)
    followed: alt.Chart = rules.add_params(follow_moment(names))
    return followed


def _draw_labels(part: _Part, names: Sequence[str]) -> alt.LayerChart:
    """What is drawn, named above each strip in its own colour."""
    palette, tops = part.palette, part.tops
    curves = [(name, palette.curves[name]) for name in names if name != "valence"]
    rows = label_row(curves, tops.get("curves"))
    rows += label_row([("valence", palette.curves["valence"])], tops.get("valence"))
    rows += label_row([("shots", palette.muted)], tops["shots"])
    streams = [(STREAM_WORDS[stream], palette.streams[stream]) for stream in STREAMS]
    rows += label_row([(f"what {names[0]} rests on:", palette.muted), *streams], tops["shares"])
    marks = alt.Chart(pd.DataFrame(rows)).encode(
        x=alt.X("x_px:Q", scale=None, axis=None),
        y=alt.Y("y_px:Q", scale=None, axis=None),
        color=alt.Color("color:N", scale=None),
    )
    return alt.layer(marks.mark_text(fontWeight=600).encode(text="text:N"))


def label_row(labels: Sequence[tuple[str, str]], top_px: int | None) -> list[dict[str, Any]]:
    """Set names side by side above a strip; nothing for a strip that is not drawn."""
    if top_px is None:
        return []
    rows, x_px = [], float(LABEL_INDENT_PX)
    for text, color in labels:
        rows.append({"x_px": x_px, "y_px": top_px - LABEL_PX / 2 + 2, "text": text, "color": color})
        x_px += LABEL_GAP_PX + _text_width_px(text)
    return rows


def _text_width_px(text: str) -> float:
    """About how wide a label is, pixels: the layout needs it before any browser knows."""
    return sum(3.7 if letter in "fijlrt: " else 6.5 for letter in text)
