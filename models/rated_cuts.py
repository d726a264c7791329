"""Cuts that a studio's people rated, as tensors, and how they are divided to judge by what was left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from models.examples import GAP_S, Floats
from models.ridge import COLUMN_BOUND, CONTEXT_S, Doubles, moving_mean
from models.spec import STREAMS, CurveSpec

BLOCKS = 6
"""Into so many blocks a cut is divided where it is the only one."""

MIN_CUT_S = 30
"""A cut with fewer rated seconds is left aside: it could be neither fitted nor judged by."""

Span = tuple[int, int, int]
"""A stretch of a cut: its place among the cuts, its first second, and its last one (exclusive)."""


@dataclass(frozen=True, kw_only=True)
class RatedCut:
    """One cut and what people rated of it.

    Attributes:
        streams: for each stream its columns (T, D), at the level of the training film, as a network is fed.
        present: (T, 3) of 0 and 1.
        shipped: (T, C) float32, what the shipped weights say.
        half_width: (T, C) float32, half the width of their band.
        ratings: by the name of each rated curve, (T,) float32, the mean of its raters; NaN where nobody rated.
    """

    streams: Mapping[str, Floats]
    present: Floats
    shipped: Floats
    half_width: Floats
    ratings: Mapping[str, Floats]


def split_folds(cuts: Sequence[RatedCut], curve: str) -> list[list[Span]]:
    """Divide what is rated into parts to be left out: a cut each, or the blocks of the only cut."""
    spans = []
    for place, cut in enumerate(cuts):
        seconds = np.flatnonzero(np.isfinite(cut.ratings[curve]))
        if len(seconds) >= MIN_CUT_S:
            spans.append((place, int(seconds[0]), int(seconds[-1]) + 1))
    return split_parts(spans)


def leave_out(folds: Sequence[list[Span]], out: list[Span]) -> list[Span]:
    """All other parts, less the seconds around the one left out: neighbouring seconds are near copies."""
    ((gone, first, last),) = out
    gap_s = min(GAP_S, (last - first) // 2)
    kept = []
    for place, start, end in [span for fold in folds if fold is not out for span in fold]:
        if place == gone:
            start, end = (max(start, last + gap_s), end) if start >= last else (start, min(end, first - gap_s))
        if end > start:
            kept.append((place, start, end))
    return kept


def split_parts(spans: Sequence[Span]) -> list[list[Span]]:
    """The spans themselves where they are of several cuts; or about `BLOCKS` blocks of about one length."""
    if len({place for place, _, _ in spans}) > 1:
        return [[span] for span in spans]
    total_s = sum(end - start for _, start, end in spans)
    blocks = []
    for place, start, end in spans:
        count = max(1, round(BLOCKS * (end - start) / total_s))
        edges = [start + (end - start) * block // count for block in range(count + 1)]
        blocks += [[(place, first, last)] for first, last in pairwise(edges)]
    return blocks


def describe_streams(cut: RatedCut, spec: CurveSpec) -> list[Doubles]:
    """Scale the columns of each stream and add their moving means over the seconds in which it is present: (T, D W) each.

    It is what `build_linear_net` computes inside the weights.
    """
    described = []
    for i, name in enumerate(STREAMS):
        here = cut.present[:, i : i + 1].astype(np.float64)
        scaled = (cut.streams[name] - np.asarray(spec.reference_mean[name])) / scale_of(spec, name)
        rows = np.clip(scaled, -COLUMN_BOUND, COLUMN_BOUND) * here
        means = [moving_mean(rows, width, here) for width in CONTEXT_S]
        described.append(np.concatenate([rows, *means], axis=1) * here)
    return described


def scale_of(spec: CurveSpec, name: str) -> Doubles:
    """The deviation of a stream's columns, 1 where a column never moved."""
    deviation = np.asarray(spec.reference_deviation[name])
    return np.where(deviation > 1e-6, deviation, 1.0)
