"""Whether one cut plays faster than the other as a whole: 24 frames a second played at 25, say."""

from fractions import Fraction

import numpy as np

from pipeline.alignment.path import NOWHERE, STEP, list_runs
from pipeline.types import GRID_HZ

SPEEDS = (
    Fraction(25, 24),
    Fraction(24, 25),
    Fraction(1001, 1000),
    Fraction(1000, 1001),
    Fraction(25025, 24000),
    Fraction(24000, 25025),
)
"""Speeds at which whole films are played when they change from one standard to another."""

_SHORTEST_STEPS = 50
_NEAR = 0.004
_NEAREST = 0.0003
_LEAST_SHARE = 0.6


def estimate_speed(path: "np.typing.NDArray[np.int64]") -> Fraction:
    """Estimate how much faster the second cut plays as a whole.

    Args:
        path: from `trace_path`.

    Returns:
        One of `SPEEDS` that most of what both cuts have agrees on; 1 otherwise.
    """
    slopes, lengths = [], []
    for start, end in list_runs(path):
        if end - start >= _SHORTEST_STEPS:
            known = np.flatnonzero(path[start:end] != NOWHERE)
            slopes.append(1 + np.polyfit(known * STEP, path[start:end][known], 1)[0])
            lengths.append(end - start)
    if not slopes:
        return Fraction(1)
    weights = np.array(lengths, np.float64)
    candidates = (Fraction(1), *SPEEDS)
    shares = []
    for speed in candidates:
        near = _NEAR if abs(speed - 1) > Fraction(1, 100) else _NEAREST
        shares.append(weights[np.abs(np.array(slopes) * float(speed) - 1) < near].sum() / weights.sum())
    # The finer speeds can only be told from 1 over minutes; where they cannot, they are not believed.
    best = int(np.argmax(shares))
    if best and sum(lengths) * STEP / GRID_HZ < 120 and abs(candidates[best] - 1) < Fraction(1, 100):
        return Fraction(1)
    return candidates[best] if shares[best] >= _LEAST_SHARE else Fraction(1)
