"""What the curve network has to be better than: predictors without a network."""

from collections.abc import Callable, Sequence

import numpy as np

from models.examples import CurveExamples, Floats
from models.ridge import Doubles, Spans, fit_ridge, moving_mean, predict_ridge, solve_ridge
from models.spec import ColumnReading

Predictor = Callable[[CurveExamples, Spans, tuple[int, int]], Floats]
"""Fits on the spans of a rated film and predicts another span: (end - start, C)."""

SMOOTHING_S = 45
"""Loudness and cut rate are smoothed this long, as arousal is slow; Hanjalic & Xu smooth over about a minute."""


def predict_by_position(examples: CurveExamples, spans: Spans, target: tuple[int, int]) -> Floats:
    """Predict from the place in the film alone: a cubic in t / T."""
    length = len(examples.present)

    def describe(start: int, end: int) -> Doubles:
        place = np.arange(start, end) / length
        return np.stack([place, place**2, place**3], axis=1)

    return _fit_and_predict(describe, examples, spans, target)


def predict_by_loudness_and_cuts(examples: CurveExamples, spans: Spans, target: tuple[int, int]) -> Floats:
    """Predict from smoothed loudness and cut rate alone, as in Hanjalic & Xu, IEEE Trans. Multimedia 7 (2005)."""
    loudness = examples.streams["audio"][:, examples.columns["audio"].index("loudness")]
    cuts = examples.streams["frames"][:, examples.columns["frames"].index("cuts")]
    both = np.stack([loudness, cuts], axis=1)

    def describe(start: int, end: int) -> Doubles:
        return moving_mean(both[start:end], SMOOTHING_S)

    return _fit_and_predict(describe, examples, spans, target)


def predict_by_ridge(
    examples: CurveExamples, spans: Spans, target: tuple[int, int], reading: ColumnReading | None = None
) -> Floats:
    """Predict by ridge regression on the columns and what stands around them, as `fit_ridge` reads them."""
    return predict_ridge(fit_ridge(examples, spans, reading), examples, target)


BASELINES: dict[str, Predictor] = {
    "position in the film": predict_by_position,
    "loudness + cut rate": predict_by_loudness_and_cuts,
}


def _fit_and_predict(
    describe: Callable[[int, int], Doubles],
    examples: CurveExamples,
    spans: Sequence[tuple[int, int]],
    target: tuple[int, int],
) -> Floats:
    """Least squares with a penalty of 1 on the rated seconds of the spans; predicts the target."""
    rated = np.concatenate([examples.rated[slice(*span)] for span in spans])
    rows = np.concatenate([describe(*span) for span in spans])[rated]
    ratings = np.concatenate([examples.ratings[slice(*span)] for span in spans])[rated].astype(np.float64)
    weights, level = solve_ridge(rows, ratings, penalty=1.0)
    return np.asarray(describe(*target) @ weights + level, np.float32)
