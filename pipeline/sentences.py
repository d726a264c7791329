"""What a comparison says, in sentences that a producer can read."""

import math
from collections.abc import Sequence

from pipeline.comparison import Change, Comparison, Effect, Passage
from pipeline.types import Analysis, Cut

_ORDINALS = ("highest", "second-highest", "third-highest", "fourth-highest", "fifth-highest")
_ACTS = ((0.25, "act one"), (0.75, "act two"), (1.01, "act three"))
_FROM_S = 20 * 60
"""Shorter films are not told in acts."""

_FLATTER_S = 10.0
_PACE_SHARE, _PACE_LEAST = 0.2, 2.0


def describe_change(
    effect: Effect,
    a: Analysis,
    b: Analysis,
    *,
    gone: Sequence[Passage],
    new: Sequence[Passage],
    passages: tuple[Sequence[Passage], Sequence[Passage]],
    around_s: float,
) -> str:
    """Say what one change did.

    Args:
        effect: what was measured of it.
        a: the first cut's analysis.
        b: the second's.
        gone: passages that the second cut no longer has.
        new: passages that the first did not have.
        passages: all passages of the first cut, and of the second.
        around_s: how far around it was looked.

    Returns:
        Full sentences.
    """
    change = effect.change
    does = [*_tell_peaks(change, a.cut, gone, passages[0]), *_tell_new_peaks(change, new)]
    clauses = _tell_flat(change, *passages, around_s)
    if not does and not clauses:
        does = ["makes and takes away no peak"]
    elif not does:
        does = ["changes what is around it"]
    subject = _name_change(change, a.cut, b.cut)
    return f"{'; '.join([f'{subject} {_join_words(does)}', *clauses])}. {_tell_figures(effect)}"


def describe_whole(
    comparison: Comparison,
    a: Analysis,
    b: Analysis,
    *,
    gone: Sequence[Passage],
    new: Sequence[Passage],
    shortened: Sequence[tuple[Passage, Passage]],
) -> tuple[str, ...]:
    """Say in a few sentences what the edit did to the film as a whole."""
    longer_s = float(b.cut.duration_s - a.cut.duration_s)
    counts = {kind: sum(change.kind == kind for change in comparison.changes) for kind in _WORDS}
    listed = [f"{count} {_WORDS[kind]}" for kind, count in counts.items() if count]
    sentences = [f"The second cut is {abs(longer_s):.1f} s {'longer' if longer_s > 0 else 'shorter'}."]
    if abs(longer_s) < 0.05:
        sentences = ["Both cuts are of one length."]
    sentences.append(f"Between them: {', '.join(listed)}." if listed else "Nothing was edited between them.")
    if comparison.speed != 1:
        sentences.append(f"The second plays {float(comparison.speed):.4g} times as fast as a whole.")
    for kind, word in (("flat", "flat stretch"), ("peak", "peak")):
        lost, come = ([passage for passage in some if passage.kind == kind] for some in (gone, new))
        if lost or come:
            sentences.append(f"{_count(len(lost), word)} gone, {len(come)} new.")
    if shortened:
        shorter_s = sum(old.length_s - left.length_s for old, left in shortened)
        sentences.append(f"{_count(len(shortened), 'build-up')} shortened, by {shorter_s:.0f} s in all.")
    return tuple(sentences)


_WORDS = {
    "removed": "removed",
    "added": "added",
    "moved": "moved",
    "retimed": "retimed",
    "picture": "with another picture",
    "sound": "with another sound",
}


def _name_change(change: Change, a: Cut, b: Cut) -> str:
    """Say what was done, as the subject of a sentence."""
    span_a, span_b = _span(change.a_start_s, change.a_end_s, a), _span(change.b_start_s, change.b_end_s, b)
    match change.kind:
        case "removed":
            return f"Removing {span_a}"
        case "added":
            return f"Adding {span_b}"
        case "moved":
            return f"Moving {span_a} to {label(change.b_start_s, b)}"
        case "retimed":
            speed = (change.a_end_s - change.a_start_s) / max(1e-9, change.b_end_s - change.b_start_s)
            return f"Playing {span_a} at {100 * speed:.0f} % of its speed"
    return f"Another {change.kind} in {span_a}"


def label(instant_s: float, cut: Cut) -> str:
    """Return an instant as a person reads it: hours, minutes and seconds of the cut's own timecode."""
    shown = cut.timecode(max(0.0, instant_s))
    return shown[:8]


def _span(start_s: float, end_s: float, cut: Cut) -> str:
    """Return a span as a person reads it."""
    return f"{label(start_s, cut)}-{label(end_s, cut)}"


def _tell_peaks(change: Change, cut: Cut, gone: Sequence[Passage], passages: Sequence[Passage]) -> list[str]:
    """Say which peaks a change takes away."""
    told = []
    for peak in gone:
        if peak.kind == "peak" and change.a_start_s - 1 <= peak.start_s < change.a_end_s + 1:
            act, span = _find_act(peak.start_s, cut)
            higher = sum(
                other.kind == "peak" and span[0] <= other.start_s < span[1] and other.level > peak.level
                for other in passages
            )
            rank = _ORDINALS[higher] if higher < len(_ORDINALS) else f"{higher + 1}th-highest"
            told.append(f"{'moves' if change.kind == 'moved' else 'takes away'} the {rank} peak of {act}")
    return told


def _tell_new_peaks(change: Change, new: Sequence[Passage]) -> list[str]:
    """Say that a change makes a peak."""
    peaks = [peak for peak in new if peak.kind == "peak" and change.b_start_s - 1 <= peak.start_s < change.b_end_s + 1]
    return [f"makes a new peak of tension ({peaks[0].level:.2f})"] if peaks else []


def _tell_flat(change: Change, before: Sequence[Passage], behind: Sequence[Passage], around_s: float) -> list[str]:
    """Say whether what is around a change is flat now, or no longer."""
    near_s = around_s / 3
    was_s = _measure_flat(before, change.a_start_s - near_s, change.a_end_s + near_s)
    is_s = _measure_flat(behind, change.b_start_s - near_s, change.b_end_s + near_s)
    if is_s >= was_s + _FLATTER_S:
        return [f"the stretch around it is now flat for {is_s:.0f} s"]
    if was_s and not is_s:
        return [f"the {was_s:.0f} s around it are no longer flat"]
    return []


def _measure_flat(passages: Sequence[Passage], start_s: float, end_s: float) -> float:
    """Return how long the longest flat stretch lasts that a span touches, seconds; 0 if there is none."""
    flats = [passage for passage in passages if passage.kind == "flat" and _touches(passage, start_s, end_s)]
    return max((flat.length_s for flat in flats), default=0.0)


def _touches(passage: Passage, start_s: float, end_s: float) -> bool:
    """Whether a passage has anything in common with a span."""
    return passage.start_s < end_s and start_s < passage.end_s


def _find_act(instant_s: float, cut: Cut) -> tuple[str, tuple[float, float]]:
    """Return the act that an instant is in, and its span: by quarters of the film, the middle two being one."""
    total_s = float(cut.duration_s)
    if total_s < _FROM_S:
        return "the cut", (0.0, total_s)
    low = 0.0
    for share, act in _ACTS:
        if instant_s < share * total_s:
            return act, (low * total_s, share * total_s)
        low = share
    return "act three", (low * total_s, total_s)


def _tell_figures(effect: Effect) -> str:
    """Say what was measured: tension with its band, and pace where it changed clearly."""
    difference, band = effect.differences["tension"], effect.bands["tension"]
    if math.isnan(difference):
        told = "Nothing can be said of tension around it"
    elif effect.is_within_band("tension"):
        told = f"Tension around it changes by {difference:+.2f}, less than its band of {band:.2f}"
    else:
        told = f"Tension around it {'rises' if difference > 0 else 'falls'} by {abs(difference):.2f} (band {band:.2f})"
    before = effect.pace_difference
    if not math.isnan(before) and abs(before) >= _PACE_LEAST and abs(before) >= _PACE_SHARE * _usual_pace(effect):
        return f"{told}; there are {abs(before):.0f} shots a minute {'more' if before > 0 else 'fewer'}."
    return f"{told}."


def _join_words(words: Sequence[str]) -> str:
    """Join words as a list in a sentence."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _usual_pace(effect: Effect) -> float:
    """Return the pace around a change in the first cut, shots a minute."""
    paces = [pace for pace in (effect.before.a_pace, effect.after.a_pace) if not math.isnan(pace)]
    return sum(paces) / len(paces) if paces else 0.0


def _count(number: int, word: str) -> str:
    """Write a number of things."""
    return f"{number} {word if number == 1 else (word + 'es' if word.endswith('ch') else word + 's')}"
