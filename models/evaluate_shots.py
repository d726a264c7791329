"""How good found boundaries are: matched one to one with those that are known."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, kw_only=True)
class ShotScore:
    """What matching found: `hits` pairs, among `found` and `known` boundaries."""

    hits: int
    found: int
    known: int

    @property
    def precision(self) -> float:
        """Share of the found ones that are known; 0 without any."""
        return self.hits / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        """Share of the known ones that were found; 0 without any."""
        return self.hits / self.known if self.known else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both; 0 without any boundary."""
        return 2 * self.hits / (self.found + self.known) if self.found + self.known else 0.0

    def __add__(self, other: "ShotScore") -> "ShotScore":
        """The score of both together."""
        return ShotScore(hits=self.hits + other.hits, found=self.found + other.found, known=self.known + other.known)


def match_boundaries(
    found: npt.ArrayLike, spans: Sequence[tuple[float, float]], *, tolerance: float
) -> npt.NDArray[np.intp]:
    """Match found boundaries with known ones, as many as can be.

    Args:
        found: (F,) ascending, in any unit.
        spans: first and last place where each known boundary may be found, in order; equal for a sharp one.
        tolerance: how far outside a span still counts.

    Returns:
        For each known one the index of the found one, or -1. None is used twice.
    """
    places = np.asarray(found, float)
    matched = np.full(len(spans), -1)
    taken = np.zeros(len(places), np.bool_)
    # Earliest end first is optimal for points in intervals.
    for index in sorted(range(len(spans)), key=lambda i: spans[i][1]):
        low, high = spans[index]
        inside = np.flatnonzero((places >= low - tolerance - 1e-9) & (places <= high + tolerance + 1e-9) & ~taken)
        if len(inside):
            matched[index] = inside[0]
            taken[inside[0]] = True
    return matched


def score_boundaries(found: npt.ArrayLike, known: npt.ArrayLike, *, tolerance: float) -> ShotScore:
    """Score found boundaries against known ones, both in the same unit."""
    places = np.sort(np.asarray(known, float))
    matched = match_boundaries(np.sort(np.asarray(found, float)), [(p, p) for p in places], tolerance=tolerance)
    return ShotScore(hits=int((matched >= 0).sum()), found=len(np.asarray(found)), known=len(places))
