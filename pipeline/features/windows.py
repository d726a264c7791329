"""Moving windows that are cut off at the ends of a film."""

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]


def average_near(values: npt.NDArray[np.floating], width: int, present: npt.NDArray[np.bool_] | None = None) -> Doubles:
    """Average over a centred window of an odd width, cut off at the ends.

    Args:
        values: (N,).
        width: how many of them, the one itself in their middle.
        present: (N,), which of them count; None counts all.

    Returns:
        (N,), 0 where none counts.
    """
    counted = np.ones(len(values), np.bool_) if present is None else present
    total, count = (np.concatenate([[0.0], np.cumsum(row)]) for row in (values * counted, counted))
    at = np.arange(len(values))
    first, last = np.maximum(at - width // 2, 0), np.minimum(at + width // 2 + 1, len(values))
    mean: Doubles = (total[last] - total[first]) / np.maximum(count[last] - count[first], 1)
    return mean
