"""What a curve does: where it is flat, where it peaks, where it builds up and where it lets go."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pipeline.comparison import Passage
from pipeline.types import Floats


@dataclass(frozen=True, kw_only=True)
class PassageOptions:
    """From when on a stretch counts.

    Attributes:
        smooth_s: the curve is averaged over so many seconds first, an odd number.
        flat_s: what is flat lasts at least so long.
        flat_share: and stays within this share of the curve's spread.
        turn_share: a rise or a fall takes at least this share of the spread, or it is a wobble.
        spread: the spread that shares are of; if None, from the curve's 5th to its 95th percentile. Two cuts are only
            compared by one spread.
    """

    smooth_s: int = 5
    flat_s: int = 30
    flat_share: float = 0.25
    turn_share: float = 0.35
    spread: float | None = None


def find_passages(values: Floats, options: PassageOptions | None = None) -> tuple[Passage, ...]:
    """Find flat stretches, peaks, build-ups and releases of one curve.

    A flat stretch is the longest from its beginning that stays within its share. Peaks and lows alternate, each at least
    one turn away from the next; from a low to a peak the curve builds up, from a peak to a low it lets go.

    Args:
        values: (T,) the curve, one value a second.
        options: thresholds; None for the usual ones.

    Returns:
        Passages in order of their beginning; flat stretches do not overlap, build-ups and releases neither.
    """
    options = options or PassageOptions()
    if not len(values):
        return ()
    smooth = smooth_curve(values, options.smooth_s)
    spread = measure_spread(values, options) if options.spread is None else options.spread
    passages = _find_flat(smooth, options.flat_share * spread, options.flat_s)
    passages += _find_turns(smooth, options.turn_share * spread)
    return tuple(sorted(passages, key=lambda passage: (passage.start_s, passage.end_s)))


def smooth_curve(values: Floats, seconds: int) -> Floats:
    """Average a curve over so many seconds around each; at its ends over those there are."""
    kernel = np.ones(min(seconds, len(values)))
    counts = np.convolve(np.ones(len(values)), kernel, "same")
    smooth: Floats = (np.convolve(values, kernel, "same") / counts).astype(np.float32)
    return smooth


def measure_spread(values: Floats, options: PassageOptions | None = None) -> float:
    """Measure how far a curve's 95th percentile lies above its 5th, once it is smooth."""
    smooth = smooth_curve(values, (options or PassageOptions()).smooth_s)
    low, high = np.percentile(smooth, [5, 95])
    return float(high - low)


def _find_flat(smooth: Floats, within: float, shortest_s: int) -> list[Passage]:
    """Find flat stretches from the left, each as long as it can be."""
    found, start = [], 0
    while start + shortest_s <= len(smooth):
        if np.ptp(smooth[start : start + shortest_s]) > within:
            start += 1
            continue
        reach = np.maximum.accumulate(smooth[start:]) - np.minimum.accumulate(smooth[start:])
        length = int(np.searchsorted(reach, within, side="right"))
        level = float(smooth[start : start + length].mean())
        found.append(Passage(kind="flat", start_s=start, end_s=start + length, level=level))
        start += length
    return found


def _find_turns(smooth: Floats, turn: float) -> list[Passage]:
    """Find peaks and what lies between them and lows, by turns that are large enough."""
    extremes = _find_extremes(smooth, turn)
    found = []
    for t, is_peak in extremes:
        if is_peak:
            found.append(Passage(kind="peak", start_s=t, end_s=t + 1, level=float(smooth[t])))
    for (start, from_peak), (end, _) in pairwise(extremes):
        kind = "release" if from_peak else "build-up"
        found.append(Passage(kind=kind, start_s=start, end_s=end, level=abs(float(smooth[end] - smooth[start]))))
    return found


def _find_extremes(smooth: Floats, turn: float) -> list[tuple[int, bool]]:
    """Return lows and peaks in turn, with whether each is a peak; the ends of the curve may be among them."""
    if turn <= 0 or np.ptp(smooth) < turn:
        return []
    extremes: list[tuple[int, bool]] = []
    low = high = 0
    rises: bool | None = None
    for t, value in enumerate(smooth):
        if rises is not False and value > smooth[high]:
            high = t
        if rises is not True and value < smooth[low]:
            low = t
        if rises is not False and smooth[high] - value >= turn:
            extremes.append((high, True))
            rises, low = False, t
        elif rises is not True and value - smooth[low] >= turn:
            extremes.append((low, False))
            rises, high = True, t
    if rises is not None:
        extremes.append((high, True) if rises else (low, False))
    return extremes
