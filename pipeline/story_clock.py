"""One clock for two cuts: that of the first, with what the second adds put in where it was added."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.comparison import AlignedCurves, Change, Comparison, Match
from pipeline.types import Curves, Floats

Instants = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A stretch of the common clock: it lasts as long as in the first cut, or in the second if only that has it."""

    kind: str
    a_start_s: float
    a_end_s: float
    b_start_s: float
    b_end_s: float

    @property
    def length_s(self) -> float:
        """How long it lasts on the common clock, seconds."""
        return self.b_end_s - self.b_start_s if self.kind == "added" else self.a_end_s - self.a_start_s


def list_stretches(comparison: Comparison) -> list[Stretch]:
    """List what both cuts have, and what only one of them has, in the order of the common clock."""
    spans: list[Match | Change] = [
        *comparison.matches,
        *(change for change in comparison.changes if change.kind in ("removed", "added")),
    ]
    stretches = [
        Stretch(
            kind=span.kind,
            a_start_s=span.a_start_s,
            a_end_s=span.a_end_s,
            b_start_s=span.b_start_s,
            b_end_s=span.b_end_s,
        )
        for span in spans
    ]
    return sorted(
        stretches, key=lambda one: (one.a_start_s, one.kind != "added" and one.a_end_s > one.a_start_s, one.b_start_s)
    )


def place_change(stretches: Sequence[Stretch], change: Change) -> tuple[float, float]:
    """Return where a change lies on the common clock: where the first cut has it, or where it was added.

    Args:
        stretches: all of the common clock, as `list_stretches` has them.
        change: one of the comparison's changes.

    Returns:
        Its start and its end, seconds of the common clock.
    """
    starts = [0.0, *np.cumsum([stretch.length_s for stretch in stretches]).tolist()]
    if change.kind == "added":
        for start, stretch in zip(starts, stretches, strict=False):
            if stretch.kind == "added" and stretch.b_start_s <= change.b_start_s < stretch.b_end_s:
                return start, start + stretch.length_s
    first, last = (
        _place_instant(starts, stretches, edge, is_end=is_end)
        for edge, is_end in ((change.a_start_s, False), (change.a_end_s, True))
    )
    return first, max(first, last)


def find_destination(stretches: Sequence[Stretch], change: Change) -> float:
    """Return where on the common clock the second cut has what has moved: before what follows it there.

    Args:
        stretches: all of the common clock, as `list_stretches` has them.
        change: what has moved.

    Returns:
        Seconds of the common clock.
    """
    starts = [0.0, *np.cumsum([stretch.length_s for stretch in stretches]).tolist()]
    behind = [
        (stretch.b_start_s, start)
        for start, stretch in zip(starts, stretches, strict=False)
        if stretch.kind not in ("moved", "removed") and stretch.b_start_s >= change.b_end_s - 1e-3
    ]
    return float(min(behind)[1] if behind else starts[-1])


def align_curves(comparison: Comparison, a: Curves, b: Curves) -> AlignedCurves:
    """Put the curves of two cuts on one clock, a row a second.

    Args:
        comparison: the cuts laid over each other.
        a: the first cut's curves.
        b: the second's.

    Returns:
        The curves; in what has moved the second cut's stand beside the first's, where the first cut has it.
    """
    stretches = list_stretches(comparison)
    ends = np.cumsum([stretch.length_s for stretch in stretches])
    total = float(ends[-1]) if len(ends) else 0.0
    instants = np.arange(int(np.ceil(total))) + 0.5
    which = np.minimum(np.searchsorted(ends, instants, side="right"), max(0, len(stretches) - 1))
    a_s, b_s = np.full(len(instants), np.nan), np.full(len(instants), np.nan)
    for i, stretch in enumerate(stretches):
        rows = which == i
        if not rows.any():
            continue
        share = (instants[rows] - (ends[i] - stretch.length_s)) / max(stretch.length_s, 1e-9)
        share = np.clip(share, 0, 1)
        if stretch.kind != "added":
            a_s[rows] = stretch.a_start_s + share * (stretch.a_end_s - stretch.a_start_s)
        if stretch.kind != "removed":
            b_s[rows] = stretch.b_start_s + share * (stretch.b_end_s - stretch.b_start_s)
    return AlignedCurves(
        names=a.names,
        a_s=a_s,
        b_s=b_s,
        a=_read_curves(a, a_s),
        b=_read_curves(b, b_s),
        kinds=tuple(stretches[i].kind for i in which),
    )


def map_instant(comparison: Comparison, a_s: float) -> float | None:
    """Return where an instant of the first cut is in the second; None where it was removed."""
    for match in comparison.matches:
        if match.a_start_s <= a_s < match.a_end_s:
            share = (a_s - match.a_start_s) / (match.a_end_s - match.a_start_s)
            return match.b_start_s + share * (match.b_end_s - match.b_start_s)
    return None


def map_back(comparison: Comparison, b_s: float) -> float | None:
    """Return where an instant of the second cut is in the first; None where it was added."""
    for match in comparison.matches:
        if match.b_start_s <= b_s < match.b_end_s:
            share = (b_s - match.b_start_s) / (match.b_end_s - match.b_start_s)
            return match.a_start_s + share * (match.a_end_s - match.a_start_s)
    return None


def find_new_place(comparison: Comparison, a_s: float) -> float:
    """Return where an instant of the first cut is in the second, or would be: where what follows it begins."""
    place = map_instant(comparison, a_s)
    if place is not None:
        return place
    behind = [match.b_start_s for match in comparison.matches if match.a_start_s >= a_s and match.kind != "moved"]
    return min(behind, default=max((match.b_end_s for match in comparison.matches), default=0.0))


def mean_over(values: Floats, spans: Sequence[tuple[float, float]]) -> float:
    """Average a curve over spans of seconds, each second by how much of it they cover; NaN where they cover nothing."""
    weights = np.zeros(len(values))
    for start, end in spans:
        for t in range(max(0, int(start)), min(len(values), int(np.ceil(end)))):
            weights[t] += max(0.0, min(end, t + 1) - max(start, t))
    return float((values * weights).sum() / weights.sum()) if weights.sum() > 0 else float("nan")


def _place_instant(starts: Sequence[float], stretches: Sequence[Stretch], a_s: float, *, is_end: bool) -> float:
    """Return where an instant of the first cut is on the common clock, as the start or the end of something."""
    mine = [pair for pair in zip(starts, stretches, strict=False) if pair[1].kind != "added"]
    begun = [pair for pair in mine if pair[1].a_start_s < a_s or (pair[1].a_start_s == a_s and not is_end)]
    if not mine:
        return 0.0
    start, stretch = begun[-1] if begun else mine[0]
    return start + min(max(a_s - stretch.a_start_s, 0.0), stretch.length_s)


def _read_curves(curves: Curves, instants: Instants) -> Floats:
    """Return a cut's curves at instants: (M, C); NaN where there is none."""
    known = ~np.isnan(instants)
    rows = np.clip(np.where(known, instants, 0).astype(np.int64), 0, len(curves.values) - 1)
    values: Floats = np.where(known[:, None], curves.values[rows], np.nan).astype(np.float32)
    return values
