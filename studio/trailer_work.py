"""A trailer at work: every edit a person has made to it, what counts in it, and for whom it is."""

import json
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np

from pipeline.assembly.material import Material
from pipeline.assembly.problem import AssemblyWeights
from pipeline.editing import History, record, refresh_trailer
from pipeline.sequence import Clip, Trailer
from pipeline.templates import TEMPLATES
from pipeline.trailer import AssemblyOptions, assemble_trailer
from pipeline.types import Reason, SpoilerZone

FORMAT = 1
"""Counts up whenever the text or what it describes changes its meaning."""

MOST_KEPT = 60
"""So many edits can be undone."""


@dataclass(frozen=True, kw_only=True)
class Arrangement:
    """A trailer with what it was put together by: what an edit changes, and what undoing takes back.

    Attributes:
        trailer: the trailer.
        weights: how much each part counts when it is assembled.
        music: the name of its temp track; empty without one.
        beats_s: the beats of that, seconds of the trailer, ascending.
    """

    trailer: Trailer
    weights: AssemblyWeights = field(default_factory=AssemblyWeights)
    music: str = ""
    beats_s: tuple[float, ...] = ()

    def options(self, spoilers: tuple[SpoilerZone, ...]) -> AssemblyOptions:
        """What is wanted of the trailer besides its template."""
        return AssemblyOptions(spoilers=spoilers, bans=self.trailer.bans, beats_s=self.beats_s, weights=self.weights)


@dataclass(frozen=True, kw_only=True)
class TrailerWork:
    """A trailer at work.

    Attributes:
        history: the trailer as it is arranged now, and what it was before.
        person: for whom its preview is made.
    """

    history: History[Arrangement]
    person: str = ""

    @property
    def present(self) -> Arrangement:
        """The trailer as it is arranged now."""
        return self.history.present

    @property
    def trailer(self) -> Trailer:
        """The trailer as it is now."""
        return self.present.trailer


def begin_work(material: Material, *, template: str, spoilers: tuple[SpoilerZone, ...]) -> TrailerWork:
    """Assemble a trailer that nobody has touched yet.

    Args:
        material: what may be shown of the cut.
        template: one of `TEMPLATES`.
        spoilers: what gives the story away.

    Raises:
        TrailerError: nothing may be shown.
    """
    options = AssemblyOptions(spoilers=spoilers)
    trailer = assemble_trailer(material, template=TEMPLATES[template], options=options)
    return TrailerWork(history=History(present=Arrangement(trailer=trailer)))


def edit_work(
    work: TrailerWork,
    edited: Arrangement,
    material: Material,
    *,
    spoilers: tuple[SpoilerZone, ...],
    is_solved: bool,
) -> TrailerWork:
    """Go on to what a person's edit has made of a trailer.

    Args:
        work: what was at work.
        edited: the arrangement after the edit.
        material: what may be shown of the cut.
        spoilers: what gives the story away.
        is_solved: whether all that is not locked is chosen anew around the edit.

    Raises:
        TrailerError: nothing fits around what is locked.
    """
    if is_solved:
        template = TEMPLATES[edited.trailer.template]
        options = edited.options(spoilers)
        trailer = assemble_trailer(material, template=template, options=options, around=edited.trailer)
    else:
        trailer = refresh_trailer(edited.trailer, material, spoilers=spoilers)
    history = record(work.history, replace(edited, trailer=trailer))
    return replace(work, history=replace(history, past=history.past[-MOST_KEPT:]))


def work_to_text(work: TrailerWork) -> str:
    """Write a trailer at work as JSON; what is measured of its trailers, their arcs and tension, is left out."""
    history = work.history
    document = {
        "format": FORMAT,
        "person": work.person,
        "present": _describe(history.present),
        "past": [_describe(each) for each in history.past],
        "future": [_describe(each) for each in history.future],
    }
    return json.dumps(document, sort_keys=True)


def text_to_work(text: str) -> TrailerWork:
    """Read what `work_to_text` wrote. `refresh_trailer` measures a trailer again.

    Raises:
        ValueError: the text is damaged or of another format.
    """
    try:
        document = json.loads(text)
        if document["format"] != FORMAT:
            raise ValueError("the trailer is of another format")
        past, future = (tuple(_read(entry) for entry in document[name]) for name in ("past", "future"))
        return TrailerWork(
            history=History(present=_read(document["present"]), past=past, future=future),
            person=document["person"],
        )
    except (KeyError, TypeError, AttributeError, ZeroDivisionError) as error:
        raise ValueError(f"the trailer cannot be read: {error}") from error


def _describe(arrangement: Arrangement) -> dict[str, Any]:
    """An arrangement as JSON types."""
    trailer = arrangement.trailer
    return {
        "cut_id": trailer.cut_id,
        "template": trailer.template,
        "target_s": str(trailer.target_s),
        "clips": [{**asdict(clip), "start_s": str(clip.start_s), "end_s": str(clip.end_s)} for clip in trailer.clips],
        "bans": [[str(start_s), str(end_s)] for start_s, end_s in trailer.bans],
        "notes": list(trailer.notes),
        "weights": asdict(arrangement.weights),
        "music": arrangement.music,
        "beats_s": [round(beat_s, 4) for beat_s in arrangement.beats_s],
    }


def _read(entry: dict[str, Any]) -> Arrangement:
    """An arrangement from JSON types; nothing is measured of its trailer."""
    if entry["template"] not in TEMPLATES:
        raise ValueError(f"there is no template {entry['template']!r}")
    clips = tuple(
        Clip(
            start_s=Fraction(clip["start_s"]),
            end_s=Fraction(clip["end_s"]),
            role=clip["role"],
            reasons=tuple(Reason(**reason) for reason in clip["reasons"]),
            is_locked=clip["is_locked"],
        )
        for clip in entry["clips"]
    )
    trailer = Trailer(
        cut_id=entry["cut_id"],
        template=entry["template"],
        target_s=Fraction(entry["target_s"]),
        clips=clips,
        arc=np.zeros(0, np.float32),
        fit=float("nan"),
        bans=tuple((Fraction(start_s), Fraction(end_s)) for start_s, end_s in entry["bans"]),
        notes=tuple(entry["notes"]),
    )
    return Arrangement(
        trailer=trailer,
        weights=AssemblyWeights(**entry["weights"]),
        music=entry["music"],
        beats_s=tuple(entry["beats_s"]),
    )
