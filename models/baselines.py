"""What the curve network has to be better than: three predictors without a network."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from models.examples import CurveExamples, Floats
from models.spec import STREAMS

Spans = Sequence[tuple[int, int]]
Predictor = Callable[[CurveExamples, Spans, tuple[int, int]], Floats]
"""Fits on the spans of a rated film and predicts another span: (end - start, C)."""

RIDGE_CONTEXT_S = (5, 15, 45, 121)
RIDGE_PENALTIES = (100.0, 300.0, 1_000.0, 3_000.0, 10_000.0, 30_000.0)
SMOOTHING_S = 45
"""Loudness and cut rate are smoothed this long, as arousal is slow; Hanjalic & Xu smooth over about a minute."""


def predict_by_position(examples: CurveExamples, spans: Spans, target: tuple[int, int]) -> Floats:
    """Predict from the place in the film alone: a cubic in t / T."""
    length = len(examples.present)

    def describe(start: int, end: int) -> npt.NDArray[np.float64]:
        place = np.arange(start, end) / length
        return np.stack([place, place**2, place**3], axis=1)

    return _fit_and_predict(describe, examples, spans, target, penalty=1.0)


def predict_by_loudness_and_cuts(examples: CurveExamples, spans: Spans, target: tuple[int, int]) -> Floats:
    """Predict from smoothed loudness and cut rate alone, as in Hanjalic & Xu, IEEE Trans. Multimedia 7 (2005)."""
    loudness = examples.streams["audio"][:, examples.columns["audio"].index("loudness")]
    cuts = examples.streams["frames"][:, examples.columns["frames"].index("cuts")]
    both = np.stack([loudness, cuts], axis=1)

    def describe(start: int, end: int) -> npt.NDArray[np.float64]:
        return moving_mean(both[start:end], SMOOTHING_S)

    return _fit_and_predict(describe, examples, spans, target, penalty=1.0)


def predict_by_ridge(examples: CurveExamples, spans: Spans, target: tuple[int, int]) -> Floats:
    """Predict by ridge regression on all columns and their means over 5, 15, 45 and 121 s, cut off at span ends.

    The penalty is the one of `RIDGE_PENALTIES` with the best mean r when each training span is left out in turn.
    """
    columns = np.concatenate([examples.streams[name] for name in STREAMS], axis=1)

    def describe(start: int, end: int) -> npt.NDArray[np.float64]:
        rows = columns[start:end]
        return np.concatenate([rows, *(moving_mean(rows, width) for width in RIDGE_CONTEXT_S)], axis=1)

    def score_penalty(penalty: float) -> float:
        scores = []
        for i, span in enumerate(spans):
            others = [*spans[:i], *spans[i + 1 :]]
            predicted = _fit_and_predict(describe, examples, others, span, penalty=penalty)
            rated = examples.rated[slice(*span)]
            pairs = zip(examples.ratings[slice(*span)][rated].T, predicted[rated].T, strict=True)
            scores.append(np.mean([pearson_r(truth, guess) for truth, guess in pairs]))
        return float(np.mean(scores))

    best = max(RIDGE_PENALTIES, key=score_penalty)
    return _fit_and_predict(describe, examples, spans, target, penalty=best)


BASELINES: dict[str, Predictor] = {
    "position in the film": predict_by_position,
    "loudness + cut rate": predict_by_loudness_and_cuts,
    "ridge": predict_by_ridge,
}


def pearson_r(rated: npt.ArrayLike, predicted: npt.ArrayLike) -> float:
    """Pearson's correlation of two (N,); 0 where one of them is constant."""
    a, b = np.asarray(rated, float), np.asarray(predicted, float)
    if a.std() < 1e-9 or b.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def concordance(rated: npt.ArrayLike, predicted: npt.ArrayLike) -> float:
    """Lin's concordance correlation coefficient of two (N,); 0 where both are constant."""
    a, b = np.asarray(rated, float), np.asarray(predicted, float)
    spread = a.var() + b.var() + (a.mean() - b.mean()) ** 2
    return float(2 * np.cov(a, b, bias=True)[0, 1] / spread) if spread > 1e-12 else 0.0


def moving_mean(rows: Floats, width: int) -> npt.NDArray[np.float64]:
    """Centred moving mean of (T, D) over an odd width, cut off at the ends."""
    total = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0, dtype=np.float64)])
    middle = np.arange(len(rows))
    first, last = np.maximum(middle - width // 2, 0), np.minimum(middle + width // 2 + 1, len(rows))
    mean: npt.NDArray[np.float64] = (total[last] - total[first]) / (last - first)[:, None]
    return mean


def _fit_and_predict(
    describe: Callable[[int, int], npt.NDArray[np.float64]],
    examples: CurveExamples,
    spans: Spans,
    target: tuple[int, int],
    *,
    penalty: float,
) -> Floats:
    """Ridge regression on standardised descriptions: fit on the rated seconds of the spans, predict the target."""
    rows = np.concatenate([describe(*span) for span in spans])
    ratings = np.concatenate([examples.ratings[slice(*span)] for span in spans]).astype(np.float64)
    rated = np.isfinite(ratings).all(axis=1)
    rows, ratings = rows[rated], ratings[rated]
    mean, deviation, level = rows.mean(axis=0), rows.std(axis=0) + 1e-6, ratings.mean(axis=0)
    rows = (rows - mean) / deviation
    weights = np.linalg.solve(rows.T @ rows + penalty * np.eye(rows.shape[1]), rows.T @ (ratings - level))
    predicted: Floats = (((describe(*target) - mean) / deviation) @ weights + level).astype(np.float32)
    return predicted
