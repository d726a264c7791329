"""Places at which two cuts look or sound the same, found without comparing everything with everything.

Pictures that are alike share at least one of the nine 16-bit words of their hashes, however they were encoded; sound that
is alike shares the signs of the slopes of its spectrum at two instants. Both are looked up in sorted lists, n log n.

Source: Haitsma and Kalker (2002) for signs of differences between bands as a fingerprint of sound; Indyk and Motwani (1998)
for hashing by parts of the bits.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.alignment.likeness import Rows, Track, measure_picture
from pipeline.types import Floats

LONGEST_RUN = 12
"""A word that stands longer, rows, says where in the film it is, but not exactly when."""

MOST_PLACES = 8
"""A key found in more places than this says nothing."""

FARTHEST_BITS = 30
"""Pictures whose hashes differ in more bits are no seed."""

_SMOOTHED = 9
_SOUND_GAP = 12
_SOUND_BITS = 16
_SOUND_WEIGHT = 0.5


class Seeds(NamedTuple):
    """Pairs of rows that may be the same, in order of the first cut."""

    rows_a: Rows
    rows_b: Rows
    weights: Floats


def find_seeds(a: Track, b: Track) -> Seeds:
    """Find places at which two cuts look or sound the same.

    Args:
        a: the first cut.
        b: the second cut.

    Returns:
        Pairs of rows, each within a few rows of a true one if it is true at all.
    """
    pictures, sounds = _find_picture_seeds(a, b), find_sound_seeds(a, b)
    rows_a = np.concatenate([pictures.rows_a, sounds.rows_a])
    order = np.argsort(rows_a, kind="stable")
    rows_b = np.concatenate([pictures.rows_b, sounds.rows_b])
    weights = np.concatenate([pictures.weights, sounds.weights])
    return Seeds(rows_a[order], rows_b[order], weights[order])


def _find_picture_seeds(a: Track, b: Track) -> Seeds:
    """Find pairs of pictures that share a word of their hashes and most other bits."""
    pairs: list[tuple[Rows, Rows]] = []
    for word in range(9):
        runs_a, runs_b = _list_runs(a, word), _list_runs(b, word)
        pairs.append(_join_keys(*runs_a, *runs_b))
    rows_a, rows_b = (np.concatenate(column) for column in zip(*pairs, strict=True))
    bits = measure_picture(a, b, rows_a, rows_b)
    near = bits <= FARTHEST_BITS
    return Seeds(rows_a[near], rows_b[near], (1 - bits[near] / (2 * FARTHEST_BITS)).astype(np.float32))


def _list_runs(track: Track, word: int) -> tuple[npt.NDArray[np.uint32], Rows]:
    """Return the value of every run of equal words that is short enough, and its middle row."""
    values = track.words.view(np.uint16).reshape(track.rows, -1)[:, word].astype(np.uint32)
    values[track.is_blank] = 1 << 20
    starts = np.flatnonzero(np.diff(values, prepend=np.uint32(1 << 21)))
    ends = np.append(starts[1:], track.rows)
    chosen = (ends - starts <= LONGEST_RUN) & (values[starts] < 1 << 20)
    return values[starts[chosen]], ((starts + ends - 1) // 2)[chosen]


def find_sound_seeds(a: Track, b: Track) -> Seeds:
    """Find pairs of instants whose spectra rise and fall alike, now and half a second later."""
    if not (a.has_sound and b.has_sound):
        empty = np.zeros(0, np.int64)
        return Seeds(empty, empty, np.zeros(0, np.float32))
    rows_a, rows_b = _join_keys(*_list_sound_keys(a), *_list_sound_keys(b))
    return Seeds(rows_a, rows_b, np.full(len(rows_a), _SOUND_WEIGHT, np.float32))


def _list_sound_keys(track: Track) -> tuple[npt.NDArray[np.uint32], Rows]:
    """Return 32 bits for every row that can be heard: the signs of the slopes between bands, at two instants."""
    sums = np.cumsum(track.spectra, axis=0, dtype=np.float64)
    smooth = (sums[_SMOOTHED:] - sums[:-_SMOOTHED]).astype(np.float32)  # row i is centred on i + 5
    slopes = smooth[:, 4 : 4 + _SOUND_BITS] > smooth[:, 5 : 5 + _SOUND_BITS]
    bits = (slopes << np.arange(_SOUND_BITS, dtype=np.uint32)).sum(axis=1, dtype=np.uint32)
    if len(bits) <= _SOUND_GAP:
        return np.zeros(0, np.uint32), np.zeros(0, np.int64)
    keys = bits[:-_SOUND_GAP] | (bits[_SOUND_GAP:] << np.uint32(16))
    rows = np.arange(len(keys), dtype=np.int64) + (_SMOOTHED + 1) // 2
    heard = ~(track.is_quiet[rows] | track.is_quiet[rows + _SOUND_GAP - 1])
    changes = np.diff(keys, prepend=~keys[:1]) != 0
    return keys[heard & changes], rows[heard & changes]


def _join_keys(
    keys_a: npt.NDArray[np.uint32], rows_a: Rows, keys_b: npt.NDArray[np.uint32], rows_b: Rows
) -> tuple[Rows, Rows]:
    """Return all pairs of rows that have the same key, but for keys that stand in too many places of either cut."""
    order = np.argsort(keys_b, kind="stable")
    sorted_b = keys_b[order]
    first, last = np.searchsorted(sorted_b, keys_a, "left"), np.searchsorted(sorted_b, keys_a, "right")
    sorted_a = np.sort(keys_a)
    own = np.searchsorted(sorted_a, keys_a, "right") - np.searchsorted(sorted_a, keys_a, "left")
    counts = np.where((last - first <= MOST_PLACES) & (own <= MOST_PLACES), last - first, 0)
    source = np.repeat(np.arange(len(keys_a)), counts)
    within = np.arange(len(source)) - np.repeat(np.cumsum(counts) - counts, counts)
    return rows_a[source], rows_b[order[first[source] + within]]
