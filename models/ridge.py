"""Ridge regression from a film's columns and their moving means to its curves, in closed form.

It is a baseline, and half of what ships: it forgets nothing that is linear and slow, and cannot overfit much.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from models.examples import CurveExamples, Floats
from models.scores import pearson_r
from models.spec import STREAMS

Spans = Sequence[tuple[int, int]]
Doubles = npt.NDArray[np.float64]

CONTEXT_S = (5, 15, 45, 121)
"""Widths of the moving means beside the second itself."""

PENALTIES = (300.0, 1_000.0, 3_000.0, 10_000.0, 30_000.0)
COLUMN_BOUND = 8.0
"""Scaled columns are bounded to this many deviations, so that no single second of another film runs away."""


@dataclass(frozen=True, kw_only=True)
class RidgeFit:
    """A fitted regression; W is the number of moving means and 1.

    Attributes:
        mean: for each stream (D,) what is taken from its columns.
        deviation: for each stream (D,) what they are then divided by.
        weights: for each stream (D W, C), for the scaled columns and then their means, width by width.
        level: (C,) what is added.
        penalty: the one chosen.
        causal: whether the moving means end with the second instead of being centred on it.
    """

    mean: Mapping[str, Doubles]
    deviation: Mapping[str, Doubles]
    weights: Mapping[str, Doubles]
    level: Doubles
    penalty: float
    causal: bool = False


def fit_ridge(examples: CurveExamples, spans: Spans, *, causal: bool = False) -> RidgeFit:
    """Fit on the rated seconds of some spans.

    The penalty is the one of `PENALTIES` with the best mean r when each of the spans is left out in turn.

    Args:
        examples: the rated film.
        spans: the seconds to fit on; moving means are cut off at their ends.
        causal: whether it looks back only.
    """

    def score_penalty(penalty: float) -> float:
        scores = []
        for i, span in enumerate(spans):
            fit = _fit_with(examples, [*spans[:i], *spans[i + 1 :]], penalty, causal=causal)
            predicted, rated = predict_ridge(fit, examples, span), examples.rated[slice(*span)]
            pairs = zip(examples.ratings[slice(*span)][rated].T, predicted[rated].T, strict=True)
            scores.append(np.mean([pearson_r(truth, guess) for truth, guess in pairs]))
        return float(np.mean(scores))

    return _fit_with(examples, spans, max(PENALTIES, key=score_penalty), causal=causal)


def predict_ridge(fit: RidgeFit, examples: CurveExamples, span: tuple[int, int]) -> Floats:
    """Predict one span by itself: (end - start, C). Values may leave the curves' ranges: what is cut off is lost."""
    total = fit.level + sum(_describe(examples, name, span, fit) @ fit.weights[name] for name in STREAMS)
    return np.asarray(total, np.float32)


def moving_mean(rows: npt.NDArray[np.floating], width: int, *, causal: bool = False) -> Doubles:
    """Moving mean of (T, D) over an odd width, centred on the second or ending with it, cut off at the ends."""
    total = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0, dtype=np.float64)])
    ahead = 0 if causal else width // 2
    here = np.arange(len(rows))
    first, last = np.maximum(here - (width - 1 - ahead), 0), np.minimum(here + ahead + 1, len(rows))
    mean: Doubles = (total[last] - total[first]) / (last - first)[:, None]
    return mean


def solve_ridge(rows: Doubles, ratings: Doubles, penalty: float) -> tuple[Doubles, Doubles]:
    """Weights (D, C) and level (C,) of the regression of ratings (N, C) on standardised rows (N, D), for raw rows."""
    mean, deviation, level = rows.mean(axis=0), rows.std(axis=0) + 1e-6, ratings.mean(axis=0)
    scaled = (rows - mean) / deviation
    weights = np.linalg.solve(scaled.T @ scaled + penalty * np.eye(rows.shape[1]), scaled.T @ (ratings - level))
    weights = weights / deviation[:, None]
    return weights, level - mean @ weights


def _fit_with(examples: CurveExamples, spans: Spans, penalty: float, *, causal: bool) -> RidgeFit:
    seconds = np.concatenate([np.arange(*span) for span in spans])
    mean = {name: examples.streams[name][seconds].mean(axis=0, dtype=np.float64) for name in STREAMS}
    deviation = {name: examples.streams[name][seconds].std(axis=0, dtype=np.float64) for name in STREAMS}
    deviation = {name: np.where(array > 1e-6, array, 1.0) for name, array in deviation.items()}
    fit = RidgeFit(mean=mean, deviation=deviation, weights={}, level=np.zeros(0), penalty=penalty, causal=causal)
    described = {name: np.concatenate([_describe(examples, name, span, fit) for span in spans]) for name in STREAMS}
    rated = examples.rated[seconds]
    rows = np.concatenate([described[name] for name in STREAMS], axis=1)[rated]
    ratings = examples.ratings[seconds][rated].astype(np.float64)
    weights, level = solve_ridge(rows, ratings, penalty)
    borders = np.cumsum([described[name].shape[1] for name in STREAMS])[:-1]
    split = dict(zip(STREAMS, np.split(weights, borders), strict=True))
    return replace(fit, weights=split, level=level)


def _describe(examples: CurveExamples, name: str, span: tuple[int, int], fit: RidgeFit) -> Doubles:
    """One stream's scaled columns and their moving means: (end - start, D W)."""
    rows = (examples.streams[name][slice(*span)] - fit.mean[name]) / fit.deviation[name]
    rows = np.clip(rows, -COLUMN_BOUND, COLUMN_BOUND)
    means = (moving_mean(rows, width, causal=fit.causal) for width in CONTEXT_S)
    return np.concatenate([rows, *means], axis=1)
