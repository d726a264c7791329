"""The choice that a trailer is: a stretch of the film for every slot, and what each choice costs."""

import itertools
from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np
import numpy.typing as npt

from pipeline.assembly.material import Frames
from pipeline.templates import Slot
from pipeline.types import Bools, Floats

Doubles = npt.NDArray[np.float64]

REACH = 3
"""Clips are kept unlike each other over so many places; real trailers come back to a scene after that."""

LIKE = 0.5
"""Looks with a cosine below this are not alike at all."""


@dataclass(frozen=True, kw_only=True)
class AssemblyWeights:
    """How much each part of a choice's cost counts. Set by judgement, fitted to nothing.

    Attributes:
        arc: a second whose tension is off the arc, squared.
        pace: a clip longer or shorter than its slot by a factor of e.
        wants: what the template's part wants of a clip and does not get.
        flaws: what speaks against a moment anywhere, soft spoiler zones included.
        likeness: a clip that looks like the one before it; half for the next but one, and so on.
        place: where the story's order is kept, a clip that lies off its place in the story, as a share of the film.
        drift: a second by which a cut comes earlier or later than planned, at every cut.
    """

    arc: float = 2.0
    pace: float = 0.3
    wants: float = 0.3
    flaws: float = 0.5
    likeness: float = 0.4
    place: float = 0.6
    drift: float = 0.1

    def __post_init__(self) -> None:
        """Check that none is negative or endless."""
        if not all(0 <= weight < float("inf") for weight in astuple(self)):
            raise ValueError("a weight is a number, 0 or more")


@dataclass(frozen=True, kw_only=True)
class Options:
    """What one slot may be filled with, M choices; a slot that a person has locked has one.

    Attributes:
        windows: (M,) int64, which stretch of the material; -1 for a locked clip.
        starts: (M,) int64, its first frame of the cut.
        ends: (M,) int64, the frame behind its last.
        shots: (M,) int64, the shot it begins in.
        looks: (M, K) float32.
        costs: (M,) float64, what it costs here whatever else is chosen.
    """

    windows: Frames
    starts: Frames
    ends: Frames
    shots: Frames
    looks: Floats
    costs: Doubles

    def __len__(self) -> int:
        """M."""
        return len(self.windows)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A choice to be made: one option for each of K slots, none overlapping, in story order where that is wanted.

    Attributes:
        slots: K of them.
        options: of each.
        planned: (K,) int64, the frame of the trailer at which each slot is meant to end.
        ordered: (K,) bool, which follow the story's order.
        frame_s: how long a frame lasts, seconds.
        weights: what counts.
    """

    slots: tuple[Slot, ...]
    options: tuple[Options, ...]
    planned: Frames
    ordered: Bools
    frame_s: float
    weights: AssemblyWeights


def compare(one: Floats, other: Floats) -> Doubles:
    """How alike looks are, each with each, 0 to 1: (A, K) and (B, K) -> (A, B)."""
    cosine = np.asarray(one, np.float64) @ np.asarray(other, np.float64).T
    return np.asarray(np.clip((cosine - LIKE) / (1 - LIKE), 0, 1))


def compare_pairs(one: Floats, other: Floats) -> Doubles:
    """How alike looks are, one by one, 0 to 1: (N, K) and (N, K), or (K,) for the same each time -> (N,)."""
    cosine = (np.asarray(one, np.float64) * other).sum(axis=-1)
    return np.asarray(np.clip((cosine - LIKE) / (1 - LIKE), 0, 1))


def sum_costs(problem: Problem, choice: Sequence[int]) -> float:
    """What a choice costs altogether, overlaps and order not looked at: the objective of every solver.

    Args:
        problem: the problem.
        choice: for each slot which option.
    """
    return float(cost_changes(problem, choice, 0)[choice[0]])


def cost_changes(problem: Problem, choice: Sequence[int], k: int) -> Doubles:
    """What a choice costs altogether with each option in slot k instead: (M,).

    Args:
        problem: the problem.
        choice: for each slot which option.
        k: the slot whose options are tried.
    """
    weights, here = problem.weights, problem.options[k]
    pairs = list(zip(problem.options, choice, strict=True))
    own = np.array([options.costs[i] for options, i in pairs])
    lengths = np.array([options.ends[i] - options.starts[i] for options, i in pairs])
    drift = np.cumsum(lengths) - problem.planned
    longer = (here.ends - here.starts) - lengths[k]
    total = (
        here.costs
        + own.sum()
        - own[k]
        + weights.drift * problem.frame_s * (np.abs(drift[:k]).sum() + np.abs(drift[k:] + longer[:, None]).sum(axis=1))
    )
    looks = np.stack([options.looks[i] for options, i in pairs])
    shots = np.array([options.shots[i] for options, i in pairs])
    for back in range(1, min(REACH, len(pairs) - 1) + 1):
        alike = np.where(shots[back:] == shots[:-back], 1.0, compare_pairs(looks[back:], looks[:-back]))
        untouched = np.ones(len(alike), np.bool_)
        untouched[[at for at in (k - back, k) if 0 <= at < len(alike)]] = False
        total = total + weights.likeness / back * float(alike[untouched].sum())
        for other in (k - back, k + back):
            if 0 <= other < len(pairs):
                near = np.where(here.shots == shots[other], 1.0, compare_pairs(here.looks, looks[other]))
                total = total + weights.likeness / back * near
    return np.asarray(total, np.float64)


def is_legal(problem: Problem, choice: Sequence[int]) -> bool:
    """Say whether a choice repeats no footage and keeps the story's order where it is wanted; locked clips aside."""
    spans = [
        (int(options.starts[i]), int(options.ends[i]), k)
        for k, (options, i) in enumerate(zip(problem.options, choice, strict=True))
    ]
    free = sorted(span for span in spans if problem.options[span[2]].windows[0] >= 0)
    if any(a[1] > b[0] for a, b in itertools.pairwise(free)):
        return False
    last = -1
    for start, end, k in spans:
        if problem.ordered[k]:
            if start < last:
                return False
            last = end
    return True
