"""Which stretches are in the order of the first cut, and which have moved: no instant of the second belongs to two of them."""

from dataclasses import replace

import numpy as np

from pipeline.alignment.lines import Line

_OVERLAP_S = 0.5
_SHORTEST_S = 0.5
_SHORTEST_MOVED_S = 0.7


def order_lines(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """Tell lines that are in order from those that have moved.

    The heaviest chain in which both cuts go forward stays where it is; what else there is has moved, as far as the
    second cut is not taken already: of a shot that the first cut repeats and the second does not, one is gone.

    Args:
        lines: in order of the first cut.

    Returns:
        The chain, and what has moved, both in order of the first cut.
    """
    chain = _find_chain(lines)
    kept = [lines[i] for i in chain]
    taken = [(line.b_start_s, line.b_end_s) for line in kept]
    moved = []
    others = [line for i, line in enumerate(lines) if i not in set(chain)]
    for line in sorted(others, key=lambda one: one.start_s - one.end_s):
        free = _trim(line, taken)
        if free is not None and free.end_s - free.start_s >= _SHORTEST_MOVED_S:
            moved.append(free)
            taken.append((free.b_start_s, free.b_end_s))
    return kept, sorted(moved, key=lambda line: line.start_s)


def _find_chain(lines: list[Line]) -> list[int]:
    """Return the indices of the heaviest chain in order of both cuts; lines may overlap by what their edges are astray."""
    if not lines:
        return []
    starts = np.array([line.b_start_s for line in lines])
    ends = np.array([line.b_end_s for line in lines])
    lengths = np.array([line.end_s - line.start_s for line in lines])
    best, before = lengths.copy(), np.full(len(lines), -1)
    for i in range(1, len(lines)):
        slack = np.minimum(_OVERLAP_S, np.minimum(lengths[:i], lengths[i]) / 2)
        fits = ends[:i] - slack <= starts[i]
        if fits.any():
            choice = int(np.where(fits, best[:i], -1).argmax())
            if best[choice] > 0:
                best[i], before[i] = lengths[i] + best[choice], choice
    chain, i = [], int(best.argmax())
    while i >= 0:
        chain.append(i)
        i = int(before[i])
    return chain[::-1]


def _trim(line: Line, taken: list[tuple[float, float]]) -> Line | None:
    """Return the longest part of a line whose place in the second cut is free."""
    free = [(line.b_start_s, line.b_end_s)]
    for low, high in taken:
        pieces = []
        for start, end in free:
            if high <= start or end <= low:
                pieces.append((start, end))
                continue
            pieces += [piece for piece in ((start, low), (high, end)) if piece[1] - piece[0] > 0]
        free = pieces
    if not free:
        return None
    start, end = max(free, key=lambda piece: piece[1] - piece[0])
    if end - start < _SHORTEST_S:
        return None
    low, high = ((edge - line.offset_s) / line.slope for edge in (start, end))
    return replace(line, start_s=low, end_s=high)
