"""How well one curve follows another."""

import numpy as np
import numpy.typing as npt


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
