"""Marks on a curve for what it does: where it is flat, peaks, builds up and lets go."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from pipeline.comparison import Passage
from pipeline.types import CURVE_RANGE
from studio.ui.tidy import Stretch

FLAT_PX, PEAK_PX, EDGE_PX = 7, 9, 4
"""How high the mark of a flat stretch is, that of a peak, and that of a build-up or release at the plot's lower edge."""


def draw_passages(
    passages: Sequence[Passage], name: str, stretch: Stretch, *, clock: alt.X, edges: tuple[int, int], color: str
) -> alt.LayerChart:
    """Mark passages on their curve: a bar where it is flat, a point above each peak, its turns along the lower edge.

    Args:
        passages: what to mark.
        name: the curve.
        stretch: the part of the film that is drawn.
        clock: the chart's time axis.
        edges: the top and the bottom of the curve's strip, pixels from the top of the plot.
        color: the curve's.

    Returns:
        A layer for the chart of the curve.
    """
    low, high = CURVE_RANGE[name]
    top, bottom = edges
    rows = []
    for passage in passages:
        start_s, end_s = max(passage.start_s, stretch.start_s), min(passage.end_s, stretch.end_s)
        if end_s <= start_s:
            continue
        y_px = bottom - (passage.level - low) / (high - low) * (bottom - top)
        spans = {"flat": (y_px - FLAT_PX / 2, y_px + FLAT_PX / 2), "peak": (max(top, y_px - PEAK_PX), y_px)}
        y, y2 = spans.get(passage.kind, (bottom - EDGE_PX, bottom))
        opacity = {"flat": 0.35, "build-up": 0.8, "release": 0.35}.get(passage.kind, 1.0)
        middle_s = min(passage.start_s + 0.5, stretch.end_s)
        rows.append((passage.kind, start_s, end_s, middle_s, y, y2, opacity))
    table = pd.DataFrame(rows, columns=["kind", "x_s", "end_s", "middle_s", "y_px", "y2_px", "strength"])
    y = alt.Y("y_px:Q", scale=None, axis=None)
    spans = alt.Chart(table[table["kind"] != "peak"]).mark_rect(color=color, cornerRadius=1)
    spans = spans.encode(x=clock, x2="end_s:Q", y=y, y2="y2_px:Q", opacity=alt.Opacity("strength:Q", scale=None))
    peaks = alt.Chart(table[table["kind"] == "peak"].assign(x_s=lambda rows: rows["middle_s"]))
    points = peaks.mark_point(shape="triangle-down", size=48, filled=True, color=color, opacity=1).encode(x=clock, y=y)
    return alt.layer(spans, points)
