"""How far a predicted curve is from a rated one."""

from typing import Any

from keras import ops


def concordance_loss(rated: Any, predicted: Any, weight: Any, curve_weights: Any = 1.0) -> Any:
    """One minus Lin's concordance correlation coefficient, averaged over the curves.

    CCC = 2 cov / (var_rated + var_predicted + (mean_rated - mean_predicted)^2), over all weighted seconds of the
    batch. Unlike Pearson's r it punishes a wrong level and a wrong spread. Source: Lin, Biometrics 45 (1989).

    Args:
        rated: (B, T, C) float32.
        predicted: (B, T, C) float32.
        weight: (B, T) float32, 0 where a second has no rating.
        curve_weights: (C,) with a mean of 1, how much each curve counts.

    Returns:
        A scalar in [0, 2].
    """
    weight = weight[:, :, None] / ops.maximum(ops.sum(weight), 1.0)  # (B, T, 1)
    mean_rated = ops.sum(rated * weight, axis=(0, 1))  # (C,)
    mean_predicted = ops.sum(predicted * weight, axis=(0, 1))
    off_rated, off_predicted = rated - mean_rated, predicted - mean_predicted
    covariance = ops.sum(off_rated * off_predicted * weight, axis=(0, 1))
    variances = ops.sum((off_rated**2 + off_predicted**2) * weight, axis=(0, 1))
    agreement = 2 * covariance / (variances + (mean_rated - mean_predicted) ** 2 + 1e-6)
    return 1 - ops.mean(agreement * curve_weights)
