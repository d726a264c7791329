"""An analysis as the small tidy tables that charts are drawn from."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.types import STREAMS, Analysis

MAX_POINTS = 1800
"""No curve is drawn with more points than this, about one a pixel; longer films show means of some seconds."""

Values = npt.NDArray[np.float64]


def seconds_to_clock(seconds_s: float) -> str:
    """Write an instant of a film as people say it, `h:mm:ss`, the rest of the second cut off.

    Args:
        seconds_s: seconds, >= 0.
    """
    whole = int(seconds_s)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def seconds_per_point(analysis: Analysis) -> int:
    """Return how many seconds one drawn point stands for: 1 up to half an hour, then as few as `MAX_POINTS` allows."""
    return math.ceil(len(analysis.curves.values) / MAX_POINTS)


def curve_table(analysis: Analysis, names: Sequence[str]) -> pd.DataFrame:
    """Lay curves out for drawing, one row a point and curve, from the film's first instant to its last.

    Args:
        analysis: what is known of the cut.
        names: which of its curves.

    Returns:
        Columns `x_s` (seconds of the film), `curve`, and `value`, `low`, `high` in the curve's range. Points are means
        over `seconds_per_point`, the band's edges too.
    """
    curves, x_s = analysis.curves, _point_positions(analysis)
    tables = []
    for name in names:
        column = curves.names.index(name)
        edges = {"value": curves.values, "low": curves.low, "high": curves.high}
        drawn = {key: _extend(_average(analysis, array[:, column])).round(4) for key, array in edges.items()}
        tables.append(pd.DataFrame({"x_s": x_s, "curve": name, **drawn}))
    return pd.concat(tables, ignore_index=True)


def moment_table(analysis: Analysis, names: Sequence[str]) -> pd.DataFrame:
    """Lay out what a pointer over the chart is told, one row a point.

    Args:
        analysis: what is known of the cut.
        names: the curves to tell of.

    Returns:
        Columns `x_s` (the middle of the point's seconds), `time` (`h:mm:ss` of their first), and each curve's value.
    """
    curves, step_s = analysis.curves, seconds_per_point(analysis)
    x_s = _point_positions(analysis)[1:-1]
    values = {name: _average(analysis, curves.curve(name)).round(3) for name in names}
    times = [seconds_to_clock(point * step_s) for point in range(len(x_s))]
    return pd.DataFrame({"x_s": x_s, "time": times, **values})


def share_table(analysis: Analysis, name: str) -> pd.DataFrame:
    """Lay out how much each stream had to do with a curve, stacked from 0 upward in the order of `STREAMS`.

    Args:
        analysis: what is known of the cut.
        name: the curve.

    Returns:
        Columns `x_s`, `stream`, and `bottom` and `top` of its layer, in [0, 1].
    """
    curves, x_s = analysis.curves, _point_positions(analysis)
    shares = curves.shares[:, curves.names.index(name)]
    layers = [_extend(_average(analysis, shares[:, stream])) for stream in range(len(STREAMS))]
    tops = np.cumsum(layers, axis=0).round(4)
    bottoms = np.vstack([np.zeros_like(tops[:1]), tops[:-1]])
    return pd.concat(
        [
            pd.DataFrame({"x_s": x_s, "stream": stream, "bottom": bottom, "top": top})
            for stream, bottom, top in zip(STREAMS, bottoms, tops, strict=True)
        ],
        ignore_index=True,
    )


def shot_table(analysis: Analysis) -> pd.DataFrame:
    """Lay out the shots' first instants: the column `x_s`, seconds of the film."""
    return pd.DataFrame({"x_s": analysis.features.shot_starts_s.round(3)})


def _average(analysis: Analysis, column: npt.NDArray[np.float32]) -> Values:
    """Average a per-second column over each drawn point: (T,) -> (N,); the last point may stand for fewer seconds."""
    starts = np.arange(0, len(column), seconds_per_point(analysis))
    counts = np.diff(np.append(starts, len(column)))
    return np.add.reduceat(column.astype(np.float64), starts) / counts


def _extend(points: Values) -> Values:
    """Carry the first and the last point on to the film's edges: (N,) -> (N + 2,)."""
    return np.concatenate([points[:1], points, points[-1:]])


def _point_positions(analysis: Analysis) -> Values:
    """Place every point in the middle of its seconds, between the film's edges: (N + 2,), seconds of the film.

    The last second may be shorter than the others, so middles are taken within the film. With its edges even a film
    of one second has a line.
    """
    duration_s, step_s = float(analysis.cut.duration_s), seconds_per_point(analysis)
    starts = np.arange(0, len(analysis.curves.values), step_s, dtype=np.float64)
    ends = np.minimum(starts + step_s, duration_s)
    return np.concatenate([[0.0], (starts + ends) / 2, [duration_s]]).round(3)
