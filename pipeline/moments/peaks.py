"""The peaks of tension of a film."""

from collections.abc import Sequence

import numpy as np

from pipeline.moments.columns import find_story
from pipeline.types import Curves, Features, SpoilerZone

PEAK_DISTANCE = 30
"""Seconds on both sides that a peak stands above."""


def find_peaks(
    features: Features, curves: Curves, *, most: int, spoilers: Sequence[SpoilerZone] = ()
) -> tuple[tuple[int, float], ...]:
    """Find the seconds that are tenser than any within `PEAK_DISTANCE`, in the upper quarter of a film and over its median.

    Args:
        features: the cut's measurements, for its asides.
        curves: its curves.
        most: how many, the highest of them.
        spoilers: no peak is in a hard zone.

    Returns:
        Each peak's second and tension, in the order of the film. The first of seconds that are alike.
    """
    open_ = find_story(features)
    middles = np.arange(len(open_)) + 0.5
    for zone in spoilers:
        if zone.is_hard:
            open_ &= (middles < zone.start_s) | (middles >= zone.end_s)
    if not open_.any():
        return ()
    tension = np.where(open_, curves.curve("tension"), -np.inf)
    median, floor = np.quantile(tension[open_], (0.5, 0.75))
    peaks = []
    for second in np.flatnonzero((tension >= floor) & (tension > median)).tolist():
        first = max(second - PEAK_DISTANCE, 0)
        if int(tension[first : second + PEAK_DISTANCE + 1].argmax()) == second - first:
            peaks.append((second, float(tension[second])))
    highest = sorted(peaks, key=lambda peak: -peak[1])[:most]
    return tuple(sorted(highest))
