"""Ridge regression from a film's columns and what stands around them to its curves, in closed form.

It is a baseline, and half of what ships: it forgets nothing that is linear and slow, and cannot overfit much.
"""

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce

import numpy as np
import numpy.typing as npt

from models.examples import ColumnStatistics, CurveExamples, Floats
from models.scores import pearson_r
from models.spec import SPEECH, SPEECH_PRIOR, STREAMS, ColumnReading

Spans = Sequence[tuple[int, int]]
Doubles = npt.NDArray[np.float64]

CONTEXT_S = (5, 15, 45, 121)
"""Widths of the moving means beside the second itself, where nothing else is said."""

PENALTIES = (100.0, 300.0, 1_000.0, 3_000.0, 10_000.0, 30_000.0, 100_000.0)
COLUMN_BOUND = 8.0
"""Scaled columns are bounded to this many deviations, so that no single second of another film runs away."""


@dataclass(frozen=True, kw_only=True)
class RidgeFit:
    """A fitted regression; D' columns come of a stream's D by reading them.

    Attributes:
        statistics: by what its columns are scaled.
        weights: for each stream (D', C).
        level: (C,) what is added.
        penalty: (C,), those chosen.
        reading: how the columns are read.
    """

    statistics: ColumnStatistics
    weights: Mapping[str, Doubles]
    level: Doubles
    penalty: Doubles
    reading: ColumnReading = field(default_factory=lambda: ColumnReading(context_s=CONTEXT_S))


@dataclass(frozen=True, kw_only=True)
class _Sums:
    """What a regression needs to know of some rated seconds; sums of such sums know of all of them."""

    count: float
    rows: Doubles
    squares: Doubles
    ratings: Doubles
    products: Doubles
    power: Doubles

    def __add__(self, other: "_Sums") -> "_Sums":
        return _Sums(
            count=self.count + other.count,
            rows=self.rows + other.rows,
            squares=self.squares + other.squares,
            ratings=self.ratings + other.ratings,
            products=self.products + other.products,
            power=self.power + other.power,
        )


def fit_ridge(examples: CurveExamples, spans: Spans, reading: ColumnReading | None = None) -> RidgeFit:
    """Fit on the rated seconds of some spans.

    Each curve's penalty is the one of `PENALTIES` with the best mean r when each of the spans is left out in turn. A
    penalty takes movement away with the weights; what is left is drawn out about its mean until it moves as far as the
    ratings do, so that it counts as much as a network it is averaged with.

    Args:
        examples: the rated film.
        spans: the seconds to fit on; what stands around a second is cut off at their ends.
        reading: how the columns are read; None reads all of them and their means over `CONTEXT_S`.
    """
    reading = reading or ColumnReading(context_s=CONTEXT_S)
    statistics = examples.measure_columns(spans)
    described = [np.concatenate(describe_span(examples, span, statistics, reading), axis=1) for span in spans]
    ratings = [examples.ratings[slice(*span)].astype(np.float64) for span in spans]
    rated = [examples.rated[slice(*span)] for span in spans]
    sums = [_sum_rows(d[known], r[known]) for d, r, known in zip(described, ratings, rated, strict=True)]
    scores = np.zeros((len(PENALTIES), len(examples.curves)))
    if len(spans) > 1:
        for i, known in enumerate(rated):
            others = _solve_sums([*sums[:i], *sums[i + 1 :]], PENALTIES)
            for p, (weights, level) in enumerate(others):
                predicted = described[i][known] @ weights + level
                pairs = zip(ratings[i][known].T, predicted.T, strict=True)
                scores[p] += [pearson_r(truth, guess) for truth, guess in pairs]
    chosen = scores.argmax(axis=0)
    solved = _solve_sums(sums, PENALTIES)
    weights = np.stack([solved[p][0][:, c] for c, p in enumerate(chosen)], axis=1)
    level = np.array([solved[p][1][c] for c, p in enumerate(chosen)])
    weights, level = _restore_spread(weights, level, sums)
    borders = np.cumsum([part.shape[1] for part in describe_span(examples, spans[0], statistics, reading)])[:-1]
    return RidgeFit(
        statistics=statistics,
        weights=dict(zip(STREAMS, np.split(weights, borders), strict=True)),
        level=level,
        penalty=np.array(PENALTIES)[chosen],
        reading=reading,
    )


def predict_ridge(fit: RidgeFit, examples: CurveExamples, span: tuple[int, int]) -> Floats:
    """Predict one span by itself: (end - start, C). Values may leave the curves' ranges: what is cut off is lost."""
    described = describe_span(examples, span, fit.statistics, fit.reading)
    parts = zip(STREAMS, described, strict=True)
    return np.asarray(fit.level + sum(rows @ fit.weights[name] for name, rows in parts), np.float32)


def describe_span(
    examples: CurveExamples, span: tuple[int, int], statistics: ColumnStatistics, reading: ColumnReading
) -> list[Doubles]:
    """Read a span's columns as `models.curve_net.describe_stream` does: for each stream (end - start, D')."""
    described = []
    for i, name in enumerate(STREAMS):
        columns = examples.streams[name][slice(*span)].astype(np.float64)
        here = examples.present[slice(*span), i : i + 1]
        read, deviation = reading.list_read(examples.columns[name]), _refuse_zero(statistics.deviation[name])
        rows = (columns[:, read] - statistics.mean[name][read]) / deviation[read]
        rows = np.clip(rows, -COLUMN_BOUND, COLUMN_BOUND) * here
        parts = [rows, *(moving_mean(rows, width, here, causal=reading.causal) for width in reading.context_s)]
        if name == "transcript" and reading.spoken_s:
            spoken = reading.list_spoken(examples.columns[name])
            speech = columns[:, examples.columns[name].index(SPEECH), None] * here
            off_usual = (columns[:, spoken] * here - speech * statistics.usual_line[spoken]) / deviation[spoken]
            parts += [
                _sum_window(off_usual, width, causal=reading.causal)
                / (_sum_window(speech, width, causal=reading.causal) + SPEECH_PRIOR * width)
                for width in reading.spoken_s
            ]
        described.append(np.asarray(np.concatenate(parts, axis=1) * here, np.float64))
    return described


def moving_mean(
    rows: npt.NDArray[np.floating],
    width: int,
    present: npt.NDArray[np.floating] | None = None,
    *,
    causal: bool = False,
) -> Doubles:
    """Moving mean of (T, D) over an odd width, cut off at the ends; over the seconds present (T, 1), if given."""
    present = np.ones((len(rows), 1)) if present is None else present
    return _sum_window(rows, width, causal=causal) / np.maximum(_sum_window(present, width, causal=causal), 1)


def solve_ridge(rows: Doubles, ratings: Doubles, penalty: float) -> tuple[Doubles, Doubles]:
    """Weights (D, C) and level (C,) of the regression of ratings (N, C) on standardised rows (N, D), for raw rows."""
    return _solve_sums([_sum_rows(rows, ratings)], [penalty])[0]


def _sum_up(sums: Sequence[_Sums]) -> _Sums:
    """What is known of the seconds of all of them."""
    return reduce(operator.add, sums)


def _solve_sums(sums: Sequence[_Sums], penalties: Sequence[float]) -> list[tuple[Doubles, Doubles]]:
    """For each penalty the weights (D, C), for raw rows, and level (C,) of the regression on standardised rows."""
    total = _sum_up(sums)
    mean, level = total.rows / total.count, total.ratings / total.count
    squares = total.squares - total.count * np.outer(mean, mean)
    deviation = np.sqrt(np.maximum(np.diag(squares), 0) / total.count) + 1e-6
    products = (total.products - total.count * np.outer(mean, level)) / deviation[:, None]
    sizes, axes = np.linalg.eigh(squares / np.outer(deviation, deviation))
    turned = axes.T @ products
    solved = []
    for penalty in penalties:
        weights = (axes @ (turned / (np.maximum(sizes, 0) + penalty)[:, None])) / deviation[:, None]
        solved.append((weights, level - mean @ weights))
    return solved


def _restore_spread(weights: Doubles, level: Doubles, sums: Sequence[_Sums]) -> tuple[Doubles, Doubles]:
    """Scale weights (D, C) and level (C,) so that predictions deviate as far as the ratings that they were fitted on."""
    total = _sum_up(sums)
    mean, usual = total.rows / total.count, total.ratings / total.count
    spread = np.einsum("dc,de,ec->c", weights, total.squares / total.count - np.outer(mean, mean), weights)
    rated = total.power / total.count - usual**2
    factor = np.sqrt(np.maximum(rated, 0) / np.maximum(spread, 1e-12))
    return weights * factor, usual + factor * (level - usual)


def _sum_rows(rows: Doubles, ratings: Doubles) -> _Sums:
    return _Sums(
        count=len(rows),
        rows=rows.sum(axis=0),
        squares=rows.T @ rows,
        ratings=ratings.sum(axis=0),
        products=rows.T @ ratings,
        power=(ratings**2).sum(axis=0),
    )


def _sum_window(rows: npt.NDArray[np.floating], width: int, *, causal: bool) -> Doubles:
    """Sum over a window of an odd width, centred or ending with the second, cut off at the ends: (T, D) -> (T, D)."""
    total = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0, dtype=np.float64)])
    ahead = 0 if causal else width // 2
    here = np.arange(len(rows))
    first, last = np.maximum(here - (width - 1 - ahead), 0), np.minimum(here + ahead + 1, len(rows))
    window: Doubles = total[last] - total[first]
    return window


def _refuse_zero(deviation: Floats) -> Floats:
    """A deviation of 0 counts as 1, as in the network's layers."""
    return np.where(deviation > 1e-6, deviation, np.float32(1))
