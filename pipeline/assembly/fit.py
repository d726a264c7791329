"""Fitting chosen clips to the frame: their edges are moved inside their shots until the length, and the cuts, are right."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from pipeline.assembly.material import Frames, Material
from pipeline.clock import seconds_to_next_frame
from pipeline.moments.edges import LEAST_FRAMES

Doubles = npt.NDArray[np.float64]

MOST_CHANGE = 0.4
"""A clip is made shorter or longer by at most this share of its length."""

REACH_S = 1.5
"""Cuts are moved by at most so many seconds beyond what the whole length asks for."""

BEAT_WORTH = 1.0
"""What a cut on a beat is worth, where making every clip a tenth shorter costs a hundredth a clip."""

_BROKEN = 1e6
"""What a frame by which a length or a locked place is missed costs: never worth it, but better than no trailer."""


@dataclass(frozen=True, kw_only=True)
class Slack:
    """By how many frames a clip's edges may move.

    Attributes:
        head_less: the clip may begin so much later.
        head_more: or so much earlier.
        tail_less: it may end so much earlier.
        tail_more: or so much later.
        least: it must last so long, frames.
    """

    head_less: int
    head_more: int
    tail_less: int
    tail_more: int
    least: int


NO_SLACK = Slack(head_less=0, head_more=0, tail_less=0, tail_more=0, least=0)


def measure_slack(
    material: Material, span: tuple[int, int], *, others: Sequence[tuple[int, int]], barred: Frames
) -> Slack:
    """Say how far a clip's edges may move.

    An edge stays in its shot, of which `LEAST_FRAMES` remain on show; it enters no line, no aside, nothing that is
    barred, and no other clip's footage, of which two neighbours may take half of what lies between them.

    Args:
        material: the film.
        span: the clip, its first frame and the one behind its last.
        others: the other clips.
        barred: (S, 2) frames that may not be shown.

    Returns:
        The slack, each side by itself; both together may not make the clip shorter than `least`.
    """
    start, end = span
    borders = material.borders
    inner_first = int(borders[np.searchsorted(borders, start, side="right")]) if start < borders[-1] else end
    inner_last = int(borders[np.searchsorted(borders, end, side="left") - 1])
    least = min(LEAST_FRAMES, end - start)
    latest = min(inner_first, end) - least
    earliest = max(inner_last, start) + least
    spoken = material.spoken
    said = spoken[(spoken[:, 1] > start) & (spoken[:, 0] < end)]
    if len(said):
        latest, earliest = min(latest, int(said[0, 0])), max(earliest, int(said[-1, 1]))
    starts, ends = _find_walls(material, span, others, barred)
    is_cut_before = start in borders  # An edge on a shot's border would show a sliver of the next shot.
    is_cut_after = end in borders
    return Slack(
        head_less=max(0, latest - start),
        head_more=0 if is_cut_before else max(0, start - ends),
        tail_less=max(0, end - earliest),
        tail_more=0 if is_cut_after else max(0, starts - end),
        least=least,
    )


def fit_cuts(
    spans: Sequence[tuple[int, int]],
    slacks: Sequence[Slack],
    *,
    total: int,
    places: Sequence[int | None],
    beats: Frames,
    rate: Fraction,
) -> tuple[tuple[int, int], ...]:
    """Move the clips' edges so that together they last just so long, and cuts fall on beats where that can be had.

    Exact, by dynamic programming over how far each cut is moved from where it would fall: the least change of length,
    squared and as a share of it, less what cuts on beats are worth.

    Args:
        spans: the clips in playing order, frames of the cut.
        slacks: by how much each may change.
        total: how long they should last together, frames.
        places: for each clip the frame of the trailer at which a person wants it to begin, or None.
        beats: frames of the trailer that a beat falls on, ascending.
        rate: frames a second.

    Returns:
        The clips; as near to the length as the slacks allow.
    """
    lengths = np.array([end - start for start, end in spans], np.int64)
    natural = np.cumsum(lengths)
    reach = seconds_to_next_frame(REACH_S, rate) + abs(total - int(natural[-1]))
    offsets = np.arange(-reach, reach + 1)
    cost = np.where(offsets == 0, 0.0, np.inf)
    came_from = []
    for k, (length, slack) in enumerate(zip(lengths.tolist(), slacks, strict=True)):
        place = places[k]
        if place is not None:
            before = (natural[k - 1] if k else 0) + offsets
            cost = cost + _BROKEN * np.abs(before - place)
        fewest, most = _bound_change(slack, length)
        changes = np.arange(fewest, most + 1)
        tries = np.full((len(changes), len(offsets)), np.inf)
        for row, change in enumerate(changes.tolist()):
            source = slice(max(0, -change), len(offsets) - max(0, change))
            target = slice(max(0, change), len(offsets) - max(0, -change))
            tries[row, target] = cost[source] + (change / length) ** 2
        best = tries.argmin(axis=0)
        came_from.append(changes[best])
        cost = tries.min(axis=0)
        if len(beats) and k + 1 < len(spans):
            cost = cost - BEAT_WORTH * np.isin(natural[k] + offsets, beats)
    at = int((cost + _BROKEN * np.abs(natural[-1] + offsets - total)).argmin())
    found: list[tuple[int, int]] = []
    for span, slack, changes_here in zip(reversed(spans), reversed(slacks), reversed(came_from), strict=True):
        change = int(changes_here[at])
        found.append(_change_length(span, slack, change))
        at -= change
    return tuple(reversed(found))


def _bound_change(slack: Slack, length: int) -> tuple[int, int]:
    """The fewest and most frames by which a clip's length may change: (<= 0, >= 0)."""
    share = int(MOST_CHANGE * length)
    shorter = min(slack.head_less + slack.tail_less, max(0, length - slack.least), share)
    return -shorter, min(slack.head_more + slack.tail_more, share)


def _change_length(span: tuple[int, int], slack: Slack, change: int) -> tuple[int, int]:
    """Make a clip longer or shorter, at its end first."""
    start, end = span
    if change >= 0:
        tail = min(change, slack.tail_more)
        return start - (change - tail), end + tail
    tail = min(-change, slack.tail_less)
    return start + (-change - tail), end - tail


def _find_walls(
    material: Material, span: tuple[int, int], others: Sequence[tuple[int, int]], barred: Frames
) -> tuple[int, int]:
    """The nearest frame behind a clip that it may not go beyond, and the nearest before it."""
    start, end = span
    fixed = np.concatenate([material.spoken, barred])
    after = [int(a) for a in fixed[fixed[:, 0] >= end, 0]]
    before = [int(b) for b in fixed[fixed[:, 1] <= start, 1]]
    borders = material.borders
    after += [int(border) for border in borders[borders >= end][:1]]
    before += [int(border) for border in borders[borders <= start][-1:]]
    for free_start, free_end in material.free:
        if free_start <= start and end <= free_end:
            after.append(int(free_end))
            before.append(int(free_start))
    after += [end + (a - end) // 2 for a, _ in others if a >= end]
    before += [start - (start - b) // 2 for _, b in others if b <= start]
    return min(after, default=end), max(before, default=start)
