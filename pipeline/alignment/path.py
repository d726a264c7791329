"""The way through two cuts: for every fifth of a second of the first, where it is in the second, if anywhere.

Each instant of the first cut has a few candidate offsets, from seeds around it; the way that gathers most likeness and
leaps least often is the best (Viterbi). A leap forward is a removal, one back a stretch that has moved. One line of candidates a
step makes the cost grow with the length, not with its square.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.alignment.likeness import Rows, Track, measure_picture, measure_sound, smooth_sound
from pipeline.alignment.seeds import Seeds
from pipeline.types import Floats

STEP = 5
"""Rows of the first cut that go together: 0.2 s."""

NOWHERE = np.iinfo(np.int64).min
"""The offset of what is not in the second cut."""

PICTURE_LIMIT_BITS = 36.0
SOUND_LIMIT_DB = 5.0
"""Halfway between what is the same and what is not."""

LEAP = 4.0
"""What a leap costs, in steps that are alike in picture or sound."""

_CANDIDATES = 8
_HELD = 3
_SURE = 3.0
_BIN = 3
_REACH = ((-2, 0.4), (-1, 0.7), (0, 1.0), (1, 0.7), (2, 0.4))
_FLOOR = 0.1
_DRIFT = 0.1
_BLOCK = 2_000


class Candidates(NamedTuple):
    """For every step K offsets and how well they fit: (S, K) each; offsets without a seed are `NOWHERE`."""

    offsets: Rows
    scores: Floats


def estimate_lag(a: Track, b: Track, seeds: Seeds) -> int:
    """Estimate how many rows the sound lies later against the picture in the second cut than in the first."""
    if not (a.has_sound and b.has_sound) or not len(seeds.rows_a):
        return 0
    strong = np.flatnonzero(seeds.weights >= 0.6)
    strong = strong[:: max(1, len(strong) // 4_000)]
    if len(strong) < 100:
        return 0
    costs = {}
    for lag in sorted(range(-12, 13), key=abs):
        rows_b = np.clip(seeds.rows_b[strong] + lag, 0, b.rows - 1)
        costs[lag] = np.nanpercentile(measure_sound(a, b, seeds.rows_a[strong], rows_b), 30)
    best = min(costs, key=lambda lag: costs[lag])
    return best if costs[best] < 0.9 * costs[0] else 0


def trace_path(a: Track, b: Track, seeds: Seeds, *, lag: int) -> Rows:
    """Trace the way through two cuts.

    Args:
        a: the first cut.
        b: the second cut.
        seeds: from `find_seeds`.
        lag: from `estimate_lag`.

    Returns:
        (S,) for every five rows of the first cut, how many rows later it is in the second; `NOWHERE` if it is not there.
    """
    steps = a.rows // STEP
    candidates = _score_candidates(a, b, _choose_candidates(seeds, steps), lag=lag)
    return _find_best(candidates)


def score_likeness(bits: Floats, apart_db: Floats) -> Floats:
    """Turn distances of picture and sound into one score: above 0 where either says that it is the same."""
    picture = np.nan_to_num(np.clip(1 - bits / PICTURE_LIMIT_BITS, -1, 1))
    sound = np.nan_to_num(np.clip(1 - apart_db / SOUND_LIMIT_DB, -1, 1))
    return np.asarray(np.maximum(picture, sound) + 0.5 * np.minimum(picture, sound), np.float32)


def _choose_candidates(seeds: Seeds, steps: int) -> Rows:
    """Choose for each step the offsets that most seeds around it agree on, and those that hold before and behind it."""
    width = 1 << 22
    bins = (seeds.rows_b - seeds.rows_a) // _BIN + width // 2
    keys, weights = [], []
    for shift, share in _REACH:
        at = seeds.rows_a // STEP + shift
        inside = (at >= 0) & (at < steps)
        keys.append(at[inside] * width + bins[inside])
        weights.append(seeds.weights[inside] * share)
    places, inverse = np.unique(np.concatenate(keys), return_inverse=True)
    totals = np.bincount(inverse, np.concatenate(weights), len(places))
    at, offsets = places // width, (places % width - width // 2) * _BIN + _BIN // 2
    order = np.lexsort((-totals, at))
    at, offsets, totals = at[order], offsets[order], totals[order]
    rank = np.arange(len(at)) - np.searchsorted(at, at, "left")
    chosen = np.full((steps, _CANDIDATES + 2 * _HELD), NOWHERE, np.int64)
    best = rank < _CANDIDATES
    chosen[at[best], rank[best]] = offsets[best]
    for i in range(_HELD):
        strong = np.full(steps, NOWHERE, np.int64)
        sure = (rank == i) & (totals >= _SURE)
        strong[at[sure]] = offsets[sure]
        chosen[:, _CANDIDATES + i] = _hold(strong)
        chosen[:, _CANDIDATES + _HELD + i] = _hold(strong[::-1])[::-1]
    return chosen


def _hold(offsets: Rows) -> Rows:
    """Carry the last known offset on."""
    known = np.where(offsets != NOWHERE, np.arange(len(offsets)), -1)
    last = np.maximum.accumulate(known)
    return np.where(last >= 0, offsets[np.maximum(last, 0)], NOWHERE)


def _score_candidates(a: Track, b: Track, offsets: Rows, *, lag: int) -> Candidates:
    """Measure how well each candidate fits, at the best of five neighbouring offsets."""
    steps, count = offsets.shape
    scores, best = np.full((steps, count), -1.0, np.float32), offsets.copy()
    smooth_a, smooth_b = smooth_sound(a, STEP), smooth_sound(b, STEP)
    shifts, within = np.array([0, -1, 1, -2, 2]), np.arange(STEP)
    for first in range(0, steps, _BLOCK):
        block = np.arange(first, min(steps, first + _BLOCK))
        at, which = np.nonzero(offsets[block] != NOWHERE)
        middle = block[at] * STEP + STEP // 2
        offset = offsets[block[at], which]
        rows_a = np.broadcast_to((block[at] * STEP)[:, None, None] + within, (len(at), len(shifts), STEP))
        rows_b = rows_a + offset[:, None, None] + shifts[:, None]
        inside = (rows_b >= 0) & (rows_b < b.rows)
        bits = measure_picture(a, b, rows_a, np.clip(rows_b, 0, b.rows - 1))
        bits = mean_known(np.where(inside, bits, np.nan))
        shift = np.nanargmin(np.where(np.isnan(bits), 1e3, bits), axis=1)
        bits = bits[np.arange(len(at)), shift]
        sounding = np.clip(middle + offset + shifts[shift] + lag, 0, b.rows - 1)
        apart = measure_sound(smooth_a, smooth_b, middle, sounding)
        valid = (middle + offset >= 0) & (middle + offset < b.rows)
        scores[block[at], which] = np.where(valid, score_likeness(bits, apart) - _FLOOR, -1.0)
        best[block[at], which] = offset + shifts[shift]
    return Candidates(best, scores)


def mean_known(values: Floats) -> Floats:
    """Average the last axis over what is known; NaN where nothing is."""
    known = ~np.isnan(values)
    counts = known.sum(axis=-1)
    mean: Floats = np.where(counts, np.where(known, values, 0).sum(axis=-1) / np.maximum(counts, 1), np.nan)
    return mean


def _find_best(candidates: Candidates) -> Rows:
    """Find the way of the highest score; the last state of every step is to be nowhere."""
    offsets, scores = candidates
    steps, count = offsets.shape
    total = np.zeros(count + 1, np.float32)
    total[:count] = -LEAP / 2
    came_from = np.zeros((steps, count + 1), np.int8)
    for first in range(0, steps, _BLOCK):
        block = np.arange(first, min(steps, first + _BLOCK))
        costs = _cost_moves(offsets[np.maximum(block - 1, 0)], offsets[block])
        for i, step in enumerate(block):
            reached = total - costs[i]
            source = reached.argmax(axis=1)
            came_from[step] = source
            total = reached[np.arange(count + 1), source]
            total[:count] += scores[step]
    path = np.full(steps, NOWHERE, np.int64)
    state = int(total.argmax())
    for step in range(steps - 1, -1, -1):
        if state < count:
            path[step] = offsets[step, state]
        state = int(came_from[step, state])
    return path


def _cost_moves(before: Rows, behind: Rows) -> Floats:
    """What it costs to go from each state to each: (steps, to, from)."""
    steps, count = behind.shape
    costs = np.full((steps, count + 1, count + 1), LEAP / 2, np.float32)
    far = np.abs(behind[:, :, None] - before[:, None, :])
    costs[:, :count, :count] = np.where(far <= 2, _DRIFT * far, LEAP)
    unknown = (behind == NOWHERE)[:, :, None] | (before == NOWHERE)[:, None, :]
    costs[:, :count, :count][unknown] = 1e3
    costs[:, :count, count][behind == NOWHERE] = 1e3
    costs[:, count, :count][before == NOWHERE] = 1e3
    costs[:, count, count] = 0
    return costs


def list_runs(path: Rows) -> list[tuple[int, int]]:
    """Cut the way where it leaps: the first step of each stretch and the one behind its last, nowhere left out."""
    known = path != NOWHERE
    leaps = np.ones(len(path), np.bool_)
    leaps[1:] = (np.abs(np.diff(np.where(known, path, 0))) > 2) | (known[1:] != known[:-1])
    starts = np.flatnonzero(leaps)
    ends: npt.NDArray[np.intp] = np.append(starts[1:], len(path))
    return [(int(start), int(end)) for start, end in zip(starts, ends, strict=True) if known[start]]
