"""The map of a film's moments: its tension, what must not be shown, and where each ranked moment lies."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from pipeline.types import Analysis, Segment, SpoilerZone
from studio.ui.charts import LEFT_PX, RIGHT_PX, chart_config, draw_clock
from studio.ui.palette import DARK, LIGHT, Palette
from studio.ui.tidy import curve_table, moment_table, whole_film

CURVE_PX, BAR_PX, LABEL_PX, GAP_PX = 96, 10, 16, 8
"""How high the curve and the bars are, and the numbers above the bars; and what is left free between them."""

NAMED = 10
"""So many of the best moments carry their number; more would lie over one another."""

ASKED = "asked"
"""The selection that holds the second a person has clicked, in its column `x_s`."""


def draw_map(
    analysis: Analysis,
    segments: Sequence[Segment],
    spoilers: Sequence[SpoilerZone],
    *,
    dark: bool = False,
) -> alt.LayerChart:
    """Draw where the moments of a film lie on its tension, with the spoiler zones and asides shaded.

    Args:
        analysis: what is known of the cut.
        segments: the moments, best first.
        spoilers: the zones.
        dark: in the colours of the dark face.

    Returns:
        A chart as wide as its container, on which a click selects a second.
    """
    palette, film = (DARK if dark else LIGHT), whole_film(analysis)
    clock = draw_clock(0, film.end_s)
    height_px = CURVE_PX + GAP_PX + LABEL_PX + BAR_PX
    layers: list[alt.Chart | alt.LayerChart] = [_draw_closed(analysis, spoilers, clock, palette)]
    scale = alt.Scale(domain=[0, 1], range=[CURVE_PX, 0], nice=False)
    axis = alt.Axis(values=[0, 1], format=".0f", minExtent=LEFT_PX, maxExtent=LEFT_PX)
    lines = alt.Chart(curve_table(analysis, ["tension"], film))
    lines = lines.mark_line(strokeWidth=1.5, color=palette.curves["tension"])
    layers += [lines.encode(x=clock, y=alt.Y("value:Q", scale=scale, axis=axis, title=None))]
    layers += [_draw_label(palette)]
    layers += [_draw_bars(segments, clock, palette, height_px)]
    layers += [_draw_seconds(analysis, clock, palette, height_px)]
    chart: alt.LayerChart = (
        alt.layer(*layers)
        .resolve_scale(y="independent", color="independent")
        .properties(
            description="where the moments lie in the film",
            width="container",
            height=height_px,
            padding={"left": 0, "right": RIGHT_PX - 1, "top": 4, "bottom": 6},
            autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
            config=alt.Config(**chart_config(palette)),
        )
    )
    return chart


def _draw_closed(analysis: Analysis, spoilers: Sequence[SpoilerZone], clock: alt.X, palette: Palette) -> alt.LayerChart:
    """What is closed to moments, shaded, each named at its top: spoiler zones, and what is not the film itself."""
    rows = [(zone.start_s, zone.end_s, zone.why, "spoiler", 0.3 if zone.is_hard else 0.14) for zone in spoilers]
    rows += [(aside.start_s, aside.end_s, aside.kind, aside.kind, 0.5) for aside in analysis.features.asides]
    table = pd.DataFrame(rows, columns=["x_s", "end_s", "why", "kind", "strength"])
    shade = alt.Chart(table).mark_rect(color=palette.muted)
    shade = shade.encode(
        x=clock, x2="end_s:Q", y=alt.value(0), y2=alt.value(CURVE_PX), opacity=alt.Opacity("strength:Q", scale=None)
    )
    names = alt.Chart(table).mark_text(baseline="top", dx=4, dy=3, fontSize=11, color=palette.muted, clip=True)
    return alt.layer(shade, names.encode(x=clock, y=alt.value(0), text="kind:N"))


def _draw_label(palette: Palette) -> alt.Chart:
    """The curve's name, in its own colour, where the curves of the other charts have theirs."""
    label = alt.Chart(pd.DataFrame({"text": ["tension"]}))
    label = label.mark_text(baseline="top", dy=3, fontWeight=600, color=palette.curves["tension"])
    named: alt.Chart = label.encode(x=alt.value(8), y=alt.value(0), text="text:N")
    return named


def _draw_bars(segments: Sequence[Segment], clock: alt.X, palette: Palette, height_px: int) -> alt.LayerChart:
    """A bar for each moment, the best ones stronger and with their number."""
    table = pd.DataFrame(
        [
            (segment.start_s, segment.end_s, (segment.start_s + segment.end_s) / 2, rank, 1 if rank <= NAMED else 0.45)
            for rank, segment in enumerate(segments, start=1)
        ],
        columns=["x_s", "end_s", "middle_s", "rank", "strength"],
    )
    bars = alt.Chart(table).mark_rect(color=palette.curves["tension"], stroke=palette.curves["tension"], strokeWidth=2)
    opacity = alt.Opacity("strength:Q", scale=None)
    bars = bars.encode(x=clock, x2="end_s:Q", y=alt.value(height_px - BAR_PX), y2=alt.value(height_px), opacity=opacity)
    numbers = alt.Chart(table[table["rank"] <= NAMED]).transform_calculate(x_s="datum.middle_s")
    numbers = numbers.mark_text(align="center", fontSize=11, color=palette.ink)
    return alt.layer(bars, numbers.encode(x=clock, y=alt.value(CURVE_PX + GAP_PX + LABEL_PX / 2), text="rank:Q"))


def _draw_seconds(analysis: Analysis, clock: alt.X, palette: Palette, height_px: int) -> alt.Chart:
    """What is seen only at the second that was clicked, but tells the pointer its time everywhere."""
    select = alt.selection_point(name=ASKED, nearest=True, on="click", encodings=["x"], fields=["x_s"], toggle=False)
    row = "(datum.datum || datum)"
    tooltip = alt.value(alt.ExprRef(f"{{time: {row}.time, tension: format({row}.tension, '.2f')}}"))
    moments = alt.Chart(moment_table(analysis, ["tension"], whole_film(analysis)))
    rules = moments.mark_rule(color=palette.ink, strokeWidth=1.5).encode(
        x=clock,
        y=alt.value(0),
        y2=alt.value(height_px),
        tooltip=tooltip,
        opacity=alt.condition(select, alt.value(1), alt.value(0), empty=False),
    )
    seconds: alt.Chart = rules.add_params(select)
    return seconds
