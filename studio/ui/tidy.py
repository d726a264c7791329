"""An analysis as the small tidy tables that charts are drawn from."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.types import STREAM_WORDS, STREAMS, Analysis

MAX_POINTS = 1800
"""No curve is drawn with more points than this, about one a pixel; longer stretches show means of some seconds."""

MIN_STRETCH_S = 30
"""No shorter part of a film is drawn, unless the film itself is shorter."""

Values = npt.NDArray[np.float64]


def seconds_to_clock(seconds_s: float) -> str:
    """Write an instant of a film as people say it, `h:mm:ss`, the rest of the second cut off.

    Args:
        seconds_s: seconds, >= 0.
    """
    whole = int(seconds_s)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """The part of a film that is drawn.

    Attributes:
        start_s: its first second, a whole one, >= 0.
        end_s: its end, seconds of the film: a whole second, or the film's end.
    """

    start_s: int
    end_s: float

    @property
    def rows(self) -> slice:
        """Its rows of any per-second array."""
        return slice(self.start_s, math.ceil(self.end_s))

    @property
    def step_s(self) -> int:
        """How many seconds one drawn point stands for: 1 up to half an hour, then as few as `MAX_POINTS` allows."""
        return math.ceil((self.end_s - self.start_s) / MAX_POINTS)


def whole_film(analysis: Analysis) -> Stretch:
    """Return all of a film."""
    return Stretch(start_s=0, end_s=float(analysis.cut.duration_s))


def clip_stretch(analysis: Analysis, start_s: float, end_s: float) -> Stretch:
    """Return the stretch of a film between two instants, widened to `MIN_STRETCH_S` and kept inside the film.

    Args:
        analysis: what is known of the cut.
        start_s: seconds of the film.
        end_s: seconds of the film, >= start_s; it may lie beyond the film's end.
    """
    film = whole_film(analysis)
    start_s = max(0, int(min(start_s, film.end_s - MIN_STRETCH_S)))
    return Stretch(start_s=start_s, end_s=min(film.end_s, max(math.ceil(end_s), start_s + MIN_STRETCH_S)))


def curve_table(analysis: Analysis, names: Sequence[str], stretch: Stretch) -> pd.DataFrame:
    """Lay curves out for drawing, one row a point and curve, from the stretch's first instant to its last.

    Args:
        analysis: what is known of the cut.
        names: which of its curves.
        stretch: which part of it.

    Returns:
        Columns `x_s` (seconds of the film), `curve`, and `value` in the curve's range. Points are means over the
        stretch's `step_s`.
    """
    x_s = _point_positions(stretch)
    values = {name: _extend(_average(analysis.curves.curve(name), stretch)).round(4) for name in names}
    tables = [pd.DataFrame({"x_s": x_s, "curve": name, "value": values[name]}) for name in names]
    return pd.concat(tables, ignore_index=True)


def moment_table(analysis: Analysis, names: Sequence[str], stretch: Stretch) -> pd.DataFrame:
    """Lay out what a pointer over the chart is told and shown, one row a point, and one for each of the edges.

    Args:
        analysis: what is known of the cut.
        names: the curves to tell of.
        stretch: which part of the film.

    Returns:
        Columns `x_s` (the middle of the point's seconds), `time` (`h:mm:ss` of their first), and for each curve `NAME`,
        and `NAME_low` and `NAME_high`, the edges of its band. All are means over the stretch's `step_s`.
    """
    curves = analysis.curves
    starts = range(stretch.start_s, stretch.rows.stop, stretch.step_s)
    times = [seconds_to_clock(second) for second in (starts[0], *starts, starts[-1])]
    columns = {}
    for name in names:
        column = curves.names.index(name)
        for suffix, array in (("", curves.values), ("_low", curves.low), ("_high", curves.high)):
            columns[name + suffix] = _extend(_average(array[:, column], stretch)).round(4)
    return pd.DataFrame({"x_s": _point_positions(stretch), "time": times, **columns})


def share_table(analysis: Analysis, name: str, stretch: Stretch) -> pd.DataFrame:
    """Lay out how much each stream had to do with a curve, stacked from 0 upward in the order of `STREAMS`.

    Args:
        analysis: what is known of the cut.
        name: the curve.
        stretch: which part of the film.

    Returns:
        Columns `x_s`, `stream` (in people's words), and `bottom` and `top` of its layer, in [0, 1].
    """
    curves, x_s = analysis.curves, _point_positions(stretch)
    shares = curves.shares[:, curves.names.index(name)]
    layers = [_extend(_average(shares[:, column], stretch)) for column in range(len(STREAMS))]
    tops = np.cumsum(layers, axis=0).round(4)
    bottoms = np.vstack([np.zeros_like(tops[:1]), tops[:-1]])
    return pd.concat(
        [
            pd.DataFrame({"x_s": x_s, "stream": STREAM_WORDS[stream], "bottom": bottom, "top": top})
            for stream, bottom, top in zip(STREAMS, bottoms, tops, strict=True)
        ],
        ignore_index=True,
    )


def shot_table(analysis: Analysis, stretch: Stretch) -> pd.DataFrame:
    """Lay out the first instants of the shots that begin in a stretch: the column `x_s`, seconds of the film."""
    starts_s = analysis.features.shot_starts_s
    inside = (stretch.start_s <= starts_s) & (starts_s < stretch.end_s)
    return pd.DataFrame({"x_s": starts_s[inside].round(3)})


def draft_table(analysis: Analysis, stretch: Stretch) -> pd.DataFrame:
    """Lay out the parts of a stretch that rest on a draft: columns `x_s` and `end_s`, seconds of the film."""
    rough = np.concatenate([[False], analysis.features.draft[stretch.rows], [False]]).astype(int)
    starts, ends = np.flatnonzero(np.diff(rough) > 0), np.flatnonzero(np.diff(rough) < 0)
    ends_s = np.minimum(ends + stretch.start_s, stretch.end_s)
    return pd.DataFrame({"x_s": (starts + stretch.start_s).astype(float), "end_s": ends_s.astype(float)})


def _average(column: npt.NDArray[np.float32], stretch: Stretch) -> Values:
    """Average a per-second column over each drawn point: (T,) -> (N,); the last point may stand for fewer seconds."""
    column = column[stretch.rows]
    starts = np.arange(0, len(column), stretch.step_s)
    counts = np.diff(np.append(starts, len(column)))
    return np.add.reduceat(column.astype(np.float64), starts) / counts


def _extend(points: Values) -> Values:
    """Carry the first and the last point on to the stretch's edges: (N,) -> (N + 2,)."""
    return np.concatenate([points[:1], points, points[-1:]])


def _point_positions(stretch: Stretch) -> Values:
    """Place every point in the middle of its seconds, between the stretch's edges: (N + 2,), seconds of the film.

    The film's last second may be shorter than the others, so middles are taken within it. With its edges even a film
    of one second has a line.
    """
    starts = np.arange(stretch.start_s, stretch.rows.stop, stretch.step_s, dtype=np.float64)
    ends = np.minimum(starts + stretch.step_s, stretch.end_s)
    return np.concatenate([[stretch.start_s], (starts + ends) / 2, [stretch.end_s]]).round(3)
