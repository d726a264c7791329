"""Whether one cut plays faster than the other as a whole: 24 frames a second played at 25, say."""

from fractions import Fraction

import numpy as np

from pipeline.alignment.seeds import Seeds

SPEEDS = (
    Fraction(25, 24),
    Fraction(24, 25),
    Fraction(1001, 1000),
    Fraction(1000, 1001),
    Fraction(25025, 24000),
    Fraction(24000, 25025),
)
"""Speeds at which whole films are played when they change from one standard to another."""

_BIN_ROWS = 4
_MARGIN = 1.25


def estimate_speed(seeds: Seeds) -> Fraction:
    """Estimate how much faster the second cut plays as a whole.

    At the right speed places that are alike lie at few offsets, each of them many times.

    Args:
        seeds: from `find_seeds`.

    Returns:
        One of `SPEEDS` at which offsets are clearly fewer; 1 otherwise.
    """
    if not len(seeds.rows_a):
        return Fraction(1)
    usual = _measure_agreement(seeds, Fraction(1))
    agreements = {speed: _measure_agreement(seeds, speed) for speed in SPEEDS}
    best = max(SPEEDS, key=lambda speed: agreements[speed])
    return best if agreements[best] > _MARGIN * usual else Fraction(1)


def _measure_agreement(seeds: Seeds, speed: Fraction) -> float:
    """Return how many pairs of seeds share an offset at a speed, bins laid twice so that no edge divides them by chance."""
    offsets = seeds.rows_b * float(speed) - seeds.rows_a
    total = 0.0
    for shift in (0.0, 0.5):
        _, counts = np.unique(np.floor(offsets / _BIN_ROWS + shift), return_counts=True)
        total += float(np.square(counts, dtype=np.float64).sum())
    return total
