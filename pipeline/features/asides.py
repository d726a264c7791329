"""What is not the film itself: bars, slates, logos and titles at its head, credits at its end, black around them."""

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.features.evidence import Evidence
from pipeline.types import GRID_HZ, Aside, Bools

VERSION = "1"


@dataclass(frozen=True, kw_only=True)
class AsideOptions:
    """What is looked for, and where.

    Attributes:
        head_s: the head lasts at most that long, and at most `head_share` of the cut.
        head_share: share of the cut.
        tail_share: the last share of the cut is its end, where text is credits.
        gap_s: so many seconds of anything else within an aside do not end it.
        titles_gap_s: likewise within titles.
        credits_gap_s: likewise within credits, which have pictures between their cards.
        title_s: the shortest title outside the leader.
        credits_s: the shortest credits that do not reach to the end of the cut.
        text: from here on `text` makes a card.
        text_on_plain: likewise in a still picture on even ground.
        faint_title: beside a card of text, so much belongs to it where the picture stands still.
        faint_credits: likewise at the end, still or not.
        still: up to here the mean hash distance from row to row makes a picture stand still.
        plain: from here on `plain`, in a still picture, makes the card of a logo.
        snap_s: an edge so near to a shot's start is meant to be there.
    """

    head_s: int = 180
    head_share: float = 0.25
    tail_share: float = 0.25
    gap_s: int = 2
    titles_gap_s: int = 3
    credits_gap_s: int = 12
    title_s: int = 2
    credits_s: int = 8
    text: float = 0.5
    text_on_plain: float = 0.12
    faint_title: float = 0.1
    faint_credits: float = 0.15
    still: float = 0.02
    plain: float = 0.7
    snap_s: float = 1.5


@dataclass(frozen=True, kw_only=True)
class _Seconds:
    """What each second looks like, (T,) each."""

    is_black: Bools
    is_bars: Bools
    is_leader: Bools
    is_card: Bools
    is_faint_title: Bools
    is_faint_credits: Bools
    is_logo: Bools


def find_asides(
    evidence: Evidence, shot_starts_s: npt.NDArray[np.float64], options: AsideOptions | None = None
) -> tuple[Aside, ...]:
    """Find the stretches of a cut that are not the film itself.

    At the head, from the first second on, whatever is black, bars, a card of text (a slate), a leader or a still logo on even
    ground belongs to the leader, up to the first second that is none of these. Behind it in the head, and at the end, cards of
    text are titles and credits. Black is an aside only beside another one, or at either end of the cut.

    Args:
        evidence: the measurements, with details.
        shot_starts_s: where shots start, to which edges are moved.
        options: what is looked for.

    Returns:
        The asides in order; none overlap. None where stills were not measured.
    """
    options = options or AsideOptions()
    if "text" not in evidence.details or not evidence.picture_present.any():
        return ()
    looks = _look_at_seconds(evidence, options)
    total = len(looks.is_card)
    kinds = np.full(total, "", "U8")
    _mark_leader(kinds, looks, options)
    _mark_titles(kinds, looks, options)
    _mark_credits(kinds, looks, options)
    _mark_black(kinds, looks)
    return tuple(
        Aside(start_s=_snap(start, shot_starts_s, options), end_s=_snap(stop, shot_starts_s, options), kind=kind)
        for kind, start, stop in _list_runs(kinds)
        if kind and _snap(start, shot_starts_s, options) < _snap(stop, shot_starts_s, options)
    )


def _look_at_seconds(evidence: Evidence, options: AsideOptions) -> _Seconds:
    """Judge each second by its still, and by how much the picture moves in it."""
    of = {name: np.nan_to_num(row, nan=0.0) for name, row in evidence.details.items()}
    known = np.isfinite(evidence.details["dark"])
    motion = evidence.norm_diff.reshape(-1, GRID_HZ).mean(axis=1)
    brightest = evidence.quadrants.reshape(-1, GRID_HZ, 4).max(axis=2).mean(axis=1)
    shown = evidence.picture_present.reshape(-1, GRID_HZ).any(axis=1)
    steps = np.abs(np.diff(evidence.quadrants, axis=0, prepend=evidence.quadrants[:1])).max(axis=1)
    # The hash of an even picture is at the mercy of the encoder; its brightness is not.
    changes = ((evidence.norm_diff > 0.1) & (steps >= 1)).reshape(-1, GRID_HZ).any(axis=1)
    counts = changes & (np.roll(changes, 1) | np.roll(changes, -1))
    is_still = motion <= options.still
    is_black = (brightest < 28) & ((of["dark"] > 0.995) | ~known) & (of["edges"] < 0.002) & shown
    is_plain = (of["plain"] >= options.plain) & is_still & (of["face"] == 0) & ~is_black
    is_card = ((of["text"] >= options.text) & ~is_black) | ((of["text"] >= options.text_on_plain) & is_plain)
    is_faint = (of["text"] >= options.faint_credits) & ~is_black
    is_faint &= np.roll(is_faint, 1) | np.roll(is_faint, -1)  # What looks like type for a moment only is foliage.
    return _Seconds(
        is_black=is_black,
        is_bars=(of["stripes"] > 0.85) & (of["saturation"] > 0.25) & is_still & ~is_black,
        # A countdown changes every second; it has hardly any colour, and even ground that is no night.
        is_leader=(of["saturation"] < 0.06) & (of["edges"] < 0.1) & (of["plain"] > 0.4) & (brightest > 45) & counts,
        is_card=is_card,
        is_faint_title=is_card | ((of["text"] >= options.faint_title) & is_still),
        is_faint_credits=is_card | is_faint,
        is_logo=is_plain & (of["edges"] > 0.002),
    )


def _mark_leader(kinds: npt.NDArray[np.str_], looks: _Seconds, options: AsideOptions) -> None:
    """Mark what stands before the first second of the film."""
    head = min(options.head_s, len(kinds))
    found = np.full(len(kinds), "", "U8")
    for name, flags in (
        ("logo", looks.is_logo),
        ("slate", looks.is_card | looks.is_leader),
        ("bars", looks.is_bars),
        ("black", looks.is_black),
    ):
        found[flags] = name
    found[head:] = ""
    last = -1
    for second in range(head):
        if found[second]:
            last = second
        elif second - last > options.gap_s:
            break
    if last < 0 or last == len(kinds) - 1:
        return  # All of it alike: there is no film behind this leader.
    kinds[: last + 1] = _fill_gaps(found[: last + 1])


def _mark_titles(kinds: npt.NDArray[np.str_], looks: _Seconds, options: AsideOptions) -> None:
    """Mark title cards within the head."""
    head = int(min(options.head_s, options.head_share * len(kinds)))
    for start, stop in _join_seconds(looks.is_faint_title[:head], options.titles_gap_s):
        if looks.is_card[start:stop].sum() >= options.title_s and not kinds[start:stop].any():
            kinds[start:stop] = "logo"


def _mark_credits(kinds: npt.NDArray[np.str_], looks: _Seconds, options: AsideOptions) -> None:
    """Mark credits at the end: long, or up to the end of the cut but for black."""
    total = len(kinds)
    first = total - int(options.tail_share * total)
    ends_at = total
    while ends_at > first and looks.is_black[ends_at - 1]:
        ends_at -= 1
    # Black parts the end of the story from the credits, however much of the one looks like the other.
    sections = np.cumsum(looks.is_black, dtype=np.int64)
    for start, stop in _join_seconds(looks.is_faint_credits & (kinds == ""), options.credits_gap_s, sections):
        start = max(start, first)
        cards = looks.is_card[start:stop].sum()
        reaches_end = ends_at - stop <= options.gap_s and cards >= options.title_s
        if start < stop and (cards >= options.credits_s or reaches_end):
            kinds[start:stop] = "credits"


def _mark_black(kinds: npt.NDArray[np.str_], looks: _Seconds) -> None:
    """Mark black at both ends and beside what is marked."""
    for start, stop in _join_seconds(looks.is_black & (kinds == ""), 0):
        beside = (start > 0 and kinds[start - 1] != "") or (stop < len(kinds) and kinds[stop] != "")
        if beside or ((start == 0 or stop == len(kinds)) and stop - start < len(kinds)):
            kinds[start:stop] = "black"


def _fill_gaps(kinds: npt.NDArray[np.str_]) -> npt.NDArray[np.str_]:
    """Give seconds without a kind that of the second before them."""
    filled = kinds.copy()
    for second in range(1, len(filled)):
        if not filled[second]:
            filled[second] = filled[second - 1]
    for second in range(len(filled) - 2, -1, -1):
        if not filled[second]:
            filled[second] = filled[second + 1]
    return filled


def _join_seconds(flags: Bools, gap: int, sections: npt.NDArray[np.int64] | None = None) -> list[tuple[int, int]]:
    """List the runs of flagged seconds, over gaps of so many within a section: start, and the second behind the last."""
    runs: list[tuple[int, int]] = []
    for second in np.flatnonzero(flags).tolist():
        near = bool(runs) and second - runs[-1][1] <= gap
        if near and (sections is None or sections[second] == sections[runs[-1][1] - 1]):
            runs[-1] = (runs[-1][0], second + 1)
        else:
            runs.append((second, second + 1))
    return runs


def _list_runs(kinds: npt.NDArray[np.str_]) -> list[tuple[str, int, int]]:
    """List runs of equal kinds: the kind, the first second and the second behind the last."""
    runs, at = [], 0
    for kind, same in itertools.groupby(kinds.tolist()):
        stop = at + len(list(same))
        runs.append((kind, at, stop))
        at = stop
    return runs


def _snap(second: int, shot_starts_s: npt.NDArray[np.float64], options: AsideOptions) -> float:
    """Move an edge to the nearest start of a shot, if there is one near."""
    if not len(shot_starts_s) or second == 0:
        return float(second)
    nearest = float(shot_starts_s[np.abs(shot_starts_s - second).argmin()])
    return nearest if abs(nearest - second) <= options.snap_s else float(second)
