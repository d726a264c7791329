"""A trailer out of a film: clips chosen and ordered to follow a template's arc and pace, exact to the frame.

Two steps, as with moments: `find_material` looks at the film, once; `assemble_trailer` chooses, quick enough to follow a
person who locks clips and bans stretches.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np

from pipeline.assembly.arc import describe_trailer
from pipeline.assembly.fit import NO_SLACK, fit_cuts, measure_slack
from pipeline.assembly.layout import Place, bar_frames, lay_out, list_locked
from pipeline.assembly.material import Frames, Material, count_allowed
from pipeline.assembly.measures import Measures, expect_places, make_problem
from pipeline.assembly.problem import AssemblyWeights, Problem
from pipeline.assembly.search import choose_clips
from pipeline.clock import frame_to_seconds, nearest_frame
from pipeline.errors import TrailerError
from pipeline.sequence import Clip, Trailer
from pipeline.templates import Slot, Template, plan_slots
from pipeline.types import Reason, SpoilerZone

MOST_SHOWN = 0.7
"""A trailer shows at most this share of what may be shown of a film; one with less to show is given a shorter trailer."""

SHORTER = 0.8
"""Where not every slot can be filled, the next try is shorter by this factor."""

LEAST_S = 1.0
"""No trailer is made shorter than this, but of a cut that is shorter itself."""

STRESSES = (1, 10, 100)
"""By how much more cuts must be where they should, as long as the length cannot be fitted to the frame."""

Span = tuple[int, int]
"""The first frame of a stretch and the one behind its last."""


@dataclass(frozen=True, kw_only=True)
class AssemblyOptions:
    """What is wanted of a trailer besides its template.

    Attributes:
        spoilers: nothing touches a hard zone; soft ones cost.
        bans: stretches of the cut, from one instant to another, that a person will not have shown.
        beats_s: instants of the trailer on which its music has a beat, seconds, ascending; cuts are pulled onto them.
        weights: what counts in the choice.
        most: how many stretches are looked at for each slot.
    """

    spoilers: tuple[SpoilerZone, ...] = ()
    bans: tuple[tuple[Fraction, Fraction], ...] = ()
    beats_s: tuple[float, ...] = ()
    weights: AssemblyWeights = field(default_factory=AssemblyWeights)
    most: int = 160


@dataclass(frozen=True, kw_only=True)
class _Chosen:
    """What was chosen for every place.

    Attributes:
        problem: the choice that was to be made.
        choice: for each place which option.
        spans: the frames, fitted to the length.
        off: frames by which the length is missed.
    """

    problem: Problem
    choice: tuple[int, ...]
    spans: tuple[Span, ...]
    off: int


def assemble_trailer(
    material: Material, *, template: Template, options: AssemblyOptions | None = None, around: Trailer | None = None
) -> Trailer:
    """Choose clips of a film and put them in order.

    No footage is shown twice, no line is broken, nothing of an aside, a hard spoiler zone or a ban is shown, and where the
    template keeps the story's order its clips do. Under these rules the choice costs as little as a beam search finds
    (`pipeline.assembly.search`); then clips are made a little shorter or longer, inside their shots and between lines,
    until the whole is as long as it should be to the frame, and cuts lie on beats.

    Args:
        material: what may be shown, from `find_material`.
        template: what kind of trailer.
        options: what else is wanted.
        around: a trailer whose locked clips stay as they are and, as far as there is footage for what comes before them,
            where they are; its bans count too.

    Returns:
        The trailer. One of a film that has too little to show is shorter, and says so in its notes.

    Raises:
        TrailerError: nothing may be shown, or the locked clips last longer than the trailer.
    """
    options = options or AssemblyOptions()
    bans = tuple(dict.fromkeys((*options.bans, *(around.bans if around is not None else ()))))
    locked = list_locked(around)
    _check_locked(template, locked)
    barred = bar_frames(material.rate, spoilers=options.spoilers, bans=bans)
    taken = bar_frames(material.rate, spoilers=options.spoilers, bans=bans, clips=[clip for clip, _ in locked])
    measures = Measures(material, spoilers=options.spoilers, barred=taken, weights=options.weights)
    length_s = min(float(template.length_s), _limit_length(material, taken, locked))
    chosen = None
    while chosen is None:
        places = lay_out(template, length_s, locked, rate=material.rate)
        chosen = _choose_spans(material, places, options=options, measures=measures, barred=taken, length_s=length_s)
        if chosen is None and length_s <= LEAST_S:
            raise _refuse()
        length_s = max(length_s * SHORTER, LEAST_S)
    clips = _make_clips(material, chosen, places=places, measures=measures)
    notes = _write_notes(
        template,
        clips,
        shown_s=float(frame_to_seconds(count_allowed(material, barred), material.rate)),
        rate=material.rate,
    )
    return describe_trailer(material, clips, template=template, barred=barred, bans=bans, notes=notes)


def list_alternatives(
    material: Material,
    trailer: Trailer,
    *,
    index: int,
    template: Template,
    options: AssemblyOptions | None = None,
    most: int = 8,
) -> tuple[Clip, ...]:
    """List what could stand in the place of a clip, the best first, each with its reasons.

    Args:
        material: what may be shown.
        trailer: the trailer.
        index: the place, counted from 0.
        template: the trailer's template.
        options: what else is wanted.
        most: how many.

    Returns:
        Clips as long as the one there now, that share no footage with the trailer nor with each other.
    """
    options = options or AssemblyOptions()
    here = trailer.clips[index]
    taken = bar_frames(
        material.rate, spoilers=options.spoilers, bans=(*options.bans, *trailer.bans), clips=trailer.clips
    )
    measures = Measures(material, spoilers=options.spoilers, barred=taken, weights=options.weights)
    slot = _find_slot(template, trailer, index)
    length = nearest_frame(here.end_s - here.start_s, material.rate)
    found: list[tuple[Span, tuple[Reason, ...]]] = []
    for at in np.argsort(measures.sum_parts(slot, expected=None), kind="stable"):
        span = (int(measures.starts[at]), int(measures.ends[at]))
        if any(span[0] < end and span[1] > start for (start, end), _ in found):
            continue
        slack = measure_slack(material, span, others=[other for other, _ in found], barred=taken)
        none = np.zeros(0, np.int64)
        (span,) = fit_cuts([span], [slack], total=length, places=[None], beats=none, rate=material.rate)
        if span[1] - span[0] == length:
            found.append((span, measures.explain(slot, int(measures.allowed[at]))))
        if len(found) == most:
            break
    return tuple(_make_clip(material.rate, span, here.role, reasons) for span, reasons in found)


def _check_locked(template: Template, locked: Sequence[tuple[Clip, Fraction]]) -> None:
    """Refuse locked clips that leave no room."""
    lasts_s = sum((clip.end_s - clip.start_s for clip, _ in locked), Fraction(0))
    if lasts_s > template.length_s:
        raise TrailerError(
            f"The locked clips last {float(lasts_s):.1f} s, the trailer {template.length_s} s.",
            "Unlock or trim some of them, or choose a longer template.",
        )


def _refuse() -> TrailerError:
    """What to say of a cut of which nothing can be shown."""
    return TrailerError(
        "Nothing of this cut may be shown in a trailer: all of it is credits, spoilers, bans, or lines without a pause.",
        "Take a spoiler zone or a ban away, or correct the times of the subtitles.",
    )


def _limit_length(material: Material, taken: Frames, locked: Sequence[tuple[Clip, Fraction]]) -> float:
    """How long a trailer may be at most, seconds, for there to be a choice."""
    free_s = float(frame_to_seconds(count_allowed(material, taken), material.rate))
    locked_s = float(sum((clip.end_s - clip.start_s for clip, _ in locked), Fraction(0)))
    if free_s + locked_s <= 0:
        raise _refuse()
    return max(MOST_SHOWN * free_s, min(LEAST_S, free_s)) + locked_s


def _choose_spans(
    material: Material,
    places: Sequence[Place],
    *,
    options: AssemblyOptions,
    measures: Measures,
    barred: Frames,
    length_s: float,
) -> _Chosen | None:
    """Choose a stretch for every place, and fit them to the length; None where there is no way to fill them all.

    Of the choices that are found, the first that can be fitted to the frame is taken. Where none can, it is tried again
    with more weight on cuts that are where they should be; in the end the nearest is taken.
    """
    total = nearest_frame(length_s, material.rate)
    beats = np.array([nearest_frame(beat_s, material.rate) for beat_s in options.beats_s], np.int64)
    best: _Chosen | None = None
    for stress in STRESSES:
        weights = replace(options.weights, drift=stress * options.weights.drift)
        problem = make_problem(material, places, measures=measures, weights=weights, most=options.most)
        for choice in choose_clips(problem):
            spans = _fit_choice(material, problem, choice, places=places, barred=barred, total=total, beats=beats)
            off = abs(sum(end - start for start, end in spans) - total)
            if best is None or off < best.off:
                best = _Chosen(problem=problem, choice=choice, spans=spans, off=off)
            if off == 0:
                return best
        if best is None:
            return None
    return best


def _fit_choice(
    material: Material,
    problem: Problem,
    choice: Sequence[int],
    *,
    places: Sequence[Place],
    barred: Frames,
    total: int,
    beats: Frames,
) -> tuple[Span, ...]:
    """Fit what was chosen to the length and to beats, locked clips left as they are."""
    pairs = zip(problem.options, choice, strict=True)
    spans = [(int(options.starts[i]), int(options.ends[i])) for options, i in pairs]
    slacks = [
        measure_slack(material, span, others=[*spans[:k], *spans[k + 1 :]], barred=barred)
        if places[k].clip is None
        else NO_SLACK
        for k, span in enumerate(spans)
    ]
    frames = [place.frame for place in places]
    return fit_cuts(spans, slacks, total=total, places=frames, beats=beats, rate=material.rate)


def _make_clips(
    material: Material, chosen: _Chosen, *, places: Sequence[Place], measures: Measures
) -> tuple[Clip, ...]:
    """Make clips of what was chosen; locked ones are passed on as they are."""
    problem = chosen.problem
    expected = expect_places(problem.ordered)
    clips = []
    for k, (place, i, span) in enumerate(zip(places, chosen.choice, chosen.spans, strict=True)):
        if place.clip is not None:
            clips.append(place.clip)
            continue
        reasons = measures.explain(place.slot, int(problem.options[k].windows[i]), expected=expected[k])
        clips.append(_make_clip(material.rate, span, place.slot.part.name, reasons))
    return tuple(clips)


def _make_clip(rate: Fraction, span: Span, role: str, reasons: tuple[Reason, ...]) -> Clip:
    """Make a clip of frames."""
    start_s, end_s = (frame_to_seconds(frame, rate) for frame in span)
    return Clip(start_s=start_s, end_s=end_s, role=role, reasons=reasons)


def _find_slot(template: Template, trailer: Trailer, index: int) -> Slot:
    """The slot that a clip of a trailer stands in, as long as the clip."""
    start_s = float(sum((clip.end_s - clip.start_s for clip in trailer.clips[:index]), Fraction(0)))
    here = trailer.clips[index]
    end_s = start_s + float(here.end_s - here.start_s)
    middle_s = (start_s + end_s) / 2
    (around,) = plan_slots(template, float(trailer.duration_s), from_s=middle_s, to_s=middle_s + 1e-6)
    return Slot(start_s=start_s, end_s=end_s, part=around.part, tension=around.tension)


def _write_notes(template: Template, clips: Sequence[Clip], *, shown_s: float, rate: Fraction) -> tuple[str, ...]:
    """Say in full sentences what a person should know."""
    lasts_s = sum((clip.end_s - clip.start_s for clip in clips), Fraction(0))
    if abs(lasts_s - template.length_s) < 1 / rate:
        return ()
    return (
        f"The trailer lasts {float(lasts_s):.1f} s instead of {template.length_s}: "
        f"{shown_s:.1f} s of this cut may be shown, and no footage is shown twice.",
    )
