"""What several people rated of a cut, beside their mean and what the model says."""

import altair as alt
import numpy as np
import pandas as pd

from pipeline.ratings import Ratings
from pipeline.types import CURVE_RANGE, Analysis, Floats
from studio.ui.charts import LABEL_PX, LEFT_PX, RIGHT_PX, chart_config, draw_clock, label_row
from studio.ui.palette import DARK, LIGHT
from studio.ui.tidy import MAX_POINTS, seconds_to_clock

CHART_PX = 260
MEAN, MODEL = "mean of the raters", "model"


def draw_ratings(analysis: Analysis, ratings: Ratings, *, dark: bool = False) -> alt.LayerChart:
    """Draw every rater thin, their mean thick, and the model's curve dashed, over a film's time.

    Args:
        analysis: what is known of the cut.
        ratings: of one of its curves, by at least one person.
        dark: in the colours of the dark face.

    Returns:
        A chart as wide as its container.
    """
    palette = DARK if dark else LIGHT
    low, high = CURVE_RANGE[ratings.curve]
    table = rating_table(analysis, ratings)
    x = draw_clock(0, float(analysis.cut.duration_s))
    ticks = [low, (low + high) / 2, high]
    edges = [LABEL_PX + CHART_PX, LABEL_PX]
    y_axis = alt.Axis(values=ticks, format=".1f", minExtent=LEFT_PX, maxExtent=LEFT_PX)
    y = alt.Y("value:Q", scale=alt.Scale(domain=[low, high], range=edges, nice=False), axis=y_axis, title=None)
    tooltip = [alt.Tooltip("who:N", title="who"), alt.Tooltip("time:N"), alt.Tooltip("value:Q", format=".2f")]

    def draw(kind: str, **mark: object) -> alt.Chart:
        lines = alt.Chart(table[table["kind"] == kind]).mark_line(**mark)
        return lines.encode(x=x, y=y, detail=["who:N", "run:N"], tooltip=tooltip)

    grid = alt.Chart(pd.DataFrame({"value": ticks})).mark_rule(color=palette.line).encode(y=y)
    color = palette.curves[ratings.curve]
    layers = [
        grid,
        draw("rater", color=palette.muted, strokeWidth=1, opacity=0.75),
        draw("model", color=palette.ink, strokeWidth=1.5, strokeDash=[5, 4]),
        draw("mean", color=color, strokeWidth=2.5),
        _draw_labels([("each rater", palette.muted), (MEAN, color), (f"{MODEL} (dashed)", palette.ink)]),
    ]
    chart: alt.LayerChart = alt.layer(*layers).properties(
        description=f"{ratings.curve}: every rater, their mean and the model",
        width="container",
        height=LABEL_PX + CHART_PX,
        padding={"left": 0, "right": RIGHT_PX - 1, "top": 0, "bottom": 6},
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
        config=alt.Config(**chart_config(palette)),
    )
    return chart


def rating_table(analysis: Analysis, ratings: Ratings) -> pd.DataFrame:
    """Lay ratings out for drawing, one row a point and line, where there is something to draw.

    Returns:
        Columns `x_s` (the middle of the point's seconds), `time`, `value`, `who`, its `kind` (rater, mean or model), and
        `run`: what lies before and after seconds without a rating are two runs. Points are means over as few seconds as
        `MAX_POINTS` allows.
    """
    raters = zip(ratings.raters, ratings.values.T, strict=True)
    lines = [("rater", who, values) for who, values in raters]
    lines += [("model", MODEL, analysis.curves.curve(ratings.curve)), ("mean", MEAN, ratings.mean)]
    return pd.concat([_line_table(*line, float(analysis.cut.duration_s)) for line in lines], ignore_index=True)


def _line_table(kind: str, who: str, values: Floats, duration_s: float) -> pd.DataFrame:
    """Lay one line of a cut that lasts so long out."""
    step_s = -(-len(values) // MAX_POINTS)
    starts = np.arange(0, len(values), step_s)
    known = np.isfinite(values)
    count = np.add.reduceat(known, starts, dtype=np.int64)
    total = np.add.reduceat(np.where(known, values, 0), starts, dtype=np.float64)
    table = pd.DataFrame(
        {
            "x_s": (starts + np.minimum(starts + step_s, duration_s)) / 2,
            "time": [seconds_to_clock(float(second)) for second in starts],
            "value": (total / np.maximum(count, 1)).round(4),
            "who": who,
            "kind": kind,
            "run": np.cumsum(count == 0),
        }
    )
    return table[count > 0]


def _draw_labels(labels: list[tuple[str, str]]) -> alt.Chart:
    """Name what is drawn, above the plot, each in its own colour."""
    marks = alt.Chart(pd.DataFrame(label_row(labels, LABEL_PX))).mark_text(fontWeight=600)
    labelled: alt.Chart = marks.encode(
        x=alt.X("x_px:Q", scale=None, axis=None),
        y=alt.Y("y_px:Q", scale=None, axis=None),
        color=alt.Color("color:N", scale=None),
        text="text:N",
    )
    return labelled
