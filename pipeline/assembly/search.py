"""The choice of clips: a beam search that knows, by dynamic programming, what the rest costs at least, then repairs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.assembly.material import Frames
from pipeline.assembly.problem import REACH, Options, Problem, compare, cost_changes, sum_costs
from pipeline.types import Bools, Floats

Doubles = npt.NDArray[np.float64]

WIDTH = 60
"""How many beginnings of a trailer are followed at once."""

MOST_CHILDREN = 8
"""Of these, at most so many that differ in their last clip alone."""

ROUNDS = 4
"""How often every slot is looked at again once a trailer stands."""


@dataclass(frozen=True, kw_only=True)
class _Beam:
    """B beginnings of a trailer of k clips.

    Attributes:
        choices: (B, k) int64, which option of each slot.
        starts: (B, k) int64, first frames.
        ends: (B, k) int64, the frames behind the last.
        shots: (B, k) int64.
        looks: (B, up to REACH, K) float32 of the last clips.
        costs: (B,) float64 so far.
        frames: (B,) int64, how long they are.
        after: (B,) int64, where in the film the last clip in story order ends.
    """

    choices: Frames
    starts: Frames
    ends: Frames
    shots: Frames
    looks: Floats
    costs: Doubles
    frames: Frames
    after: Frames


def choose_clips(problem: Problem, *, width: int = WIDTH) -> tuple[tuple[int, ...], ...]:
    """Choose an option for every slot.

    Slots are filled in playing order. Of all ways to go on, those are kept whose cost, with the least that the rest can
    cost, is lowest; for slots in story order that least is exact but for footage that other clips take. The best are
    improved by giving one slot at a time another option, as long as that lowers the cost.

    Args:
        problem: the choice.
        width: how many beginnings are followed at once.

    Returns:
        Choices that are legal, best first; none where the beam found no way to fill every slot.
    """
    if not problem.slots or not all(len(options) for options in problem.options):
        return ()
    least = _bound_rest(problem)
    beam = _start_beam(problem)
    for k in range(len(problem.slots)):
        beam = _extend(problem, beam, k, least, width)
        if not len(beam.costs):
            return ()
    found = [tuple(int(i) for i in beam.choices[row]) for row in np.argsort(beam.costs, kind="stable")[:2]]
    improved = {improve_choice(problem, choice) for choice in found}
    return tuple(sorted(improved | set(found), key=lambda choice: sum_costs(problem, choice)))


def improve_choice(problem: Problem, choice: Sequence[int]) -> tuple[int, ...]:
    """Give slots other options, one at a time, while that lowers the cost and keeps the choice legal."""
    best = list(choice)
    for _ in range(ROUNDS):
        before = list(best)
        for k, options in enumerate(problem.options):
            if len(options) > 1:
                costs = np.where(_find_free(problem, best, k), cost_changes(problem, best, k), np.inf)
                costs[best[k]] -= 1e-9  # What is no better does not take its place.
                best[k] = int(costs.argmin())
        if best == before:
            break
    return tuple(best)


def _find_free(problem: Problem, choice: Sequence[int], k: int) -> Bools:
    """Which options of a slot go together with what the other slots hold: (M,) bool."""
    here = problem.options[k]
    others = [other for other in range(len(choice)) if other != k]
    starts = np.array([problem.options[other].starts[choice[other]] for other in others])
    ends = np.array([problem.options[other].ends[choice[other]] for other in others])
    free: Bools = np.all((here.ends[:, None] <= starts) | (here.starts[:, None] >= ends), axis=1)
    if problem.ordered[k]:
        follows = problem.ordered[others]
        before, after = follows & (np.array(others) < k), follows & (np.array(others) > k)
        free &= here.starts >= ends[before].max(initial=0)
        free &= here.ends <= starts[after].min(initial=np.iinfo(np.int64).max)
    return free


def _bound_rest(problem: Problem) -> list[tuple[Frames, Doubles, float]]:
    """For each slot, what it and all later ones cost at least.

    Returns:
        For each slot k: starts of the next ordered slot's options from k on, ascending; the least that the ordered slots
        from there on cost if that option or a later one is taken; and the least of the slots that keep no order.
    """
    bounds: list[tuple[Frames, Doubles, float]] = []
    starts, least, loose = np.zeros(1, np.int64), np.zeros(1), 0.0
    is_last = True
    for options, follows in zip(reversed(problem.options), reversed(problem.ordered.tolist()), strict=True):
        if follows:
            rest = np.zeros(len(options)) if is_last else _look_up(starts, least, options.ends)
            order = np.argsort(options.starts, kind="stable")
            total = (options.costs + rest)[order]
            starts, least = options.starts[order], np.minimum.accumulate(total[::-1])[::-1]
            is_last = False
        else:
            loose += float(options.costs.min())
        bounds.append((starts, least, loose) if not is_last else (np.zeros(0, np.int64), np.zeros(0), loose))
    return bounds[::-1]


def _look_up(starts: Frames, least: Doubles, after: Frames) -> Doubles:
    """The least cost of options that start at or behind some frames: (N,); endless where there is none."""
    return np.append(least, np.inf)[np.searchsorted(starts, after, side="left")]


def _start_beam(problem: Problem) -> _Beam:
    """One beginning without a clip."""
    none = np.zeros((1, 0), np.int64)
    looks = np.zeros((1, 0, problem.options[0].looks.shape[1]), np.float32)
    zero = np.zeros(1, np.int64)
    return _Beam(
        choices=none, starts=none, ends=none, shots=none, looks=looks, costs=np.zeros(1), frames=zero, after=zero
    )


def _extend(problem: Problem, beam: _Beam, k: int, least: list[tuple[Frames, Doubles, float]], width: int) -> _Beam:
    """Go on from every beginning with every option of slot k, and keep the best."""
    options, weights = problem.options[k], problem.weights
    costs = beam.costs[:, None] + options.costs
    frames = beam.frames[:, None] + (options.ends - options.starts)
    costs = costs + weights.drift * np.abs(frames - problem.planned[k]) * problem.frame_s
    costs += weights.likeness * _measure_likeness(beam, options)
    barred = ((options.starts < beam.ends[..., None]) & (options.ends > beam.starts[..., None])).any(axis=1)
    after = np.broadcast_to(beam.after[:, None], costs.shape)
    if problem.ordered[k]:
        barred |= options.starts < beam.after[:, None]
        after = np.broadcast_to(options.ends, costs.shape)
    ahead = costs
    if k + 1 < len(problem.slots):
        starts, rest, loose = least[k + 1]
        ahead = costs + loose + (_look_up(starts, rest, after) if len(starts) else 0.0)
    ahead = np.where(barred, np.inf, ahead)
    if ahead.shape[1] > MOST_CHILDREN and len(beam.costs) > 1:
        limit = np.partition(ahead, MOST_CHILDREN - 1, axis=1)[:, MOST_CHILDREN - 1 : MOST_CHILDREN]
        ahead = np.where(ahead > limit, np.inf, ahead)
    flat = np.argsort(ahead, axis=None, kind="stable")[:width]
    flat = flat[np.isfinite(ahead.ravel()[flat])]
    rows, chosen = np.unravel_index(flat, ahead.shape)
    return _Beam(
        choices=np.c_[beam.choices[rows], chosen],
        starts=np.c_[beam.starts[rows], options.starts[chosen]],
        ends=np.c_[beam.ends[rows], options.ends[chosen]],
        shots=np.c_[beam.shots[rows], options.shots[chosen]],
        looks=np.concatenate([beam.looks[rows], options.looks[chosen][:, None]], axis=1)[:, -REACH:],
        costs=costs[rows, chosen],
        frames=frames[rows, chosen],
        after=after[rows, chosen],
    )


def _measure_likeness(beam: _Beam, options: Options) -> Doubles:
    """How like each option is to the last clips of each beginning, the nearest in full: (B, M)."""
    total = np.zeros((len(beam.costs), len(options)))
    for back in range(1, beam.looks.shape[1] + 1):
        alike = compare(beam.looks[:, -back], options.looks)
        total += np.where(beam.shots[:, -back, None] == options.shots, 1.0, alike) / back
    return total
