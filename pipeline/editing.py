"""What a person does to a trailer: every edit makes another trailer, and leaves the one before as it was.

After an edit that opens or moves anything, `pipeline.trailer.assemble_trailer(..., around=trailer)` fills the rest around
what is locked; `refresh_trailer` measures a trailer as it stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Generic, TypeVar

from pipeline.assembly.arc import describe_trailer
from pipeline.assembly.fit import measure_slack
from pipeline.assembly.layout import bar_frames
from pipeline.assembly.material import Material, clip_to_frames
from pipeline.clock import frame_to_seconds
from pipeline.errors import TrailerError
from pipeline.sequence import Clip, Trailer
from pipeline.templates import TEMPLATES
from pipeline.types import SpoilerZone

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class History(Generic[T]):
    """What was, is and was undone, one edit apart: trailers, or trailers with what they were made by.

    Attributes:
        past: what was before, the latest last.
        present: what is.
        future: what was undone, the next first.
    """

    present: T
    past: tuple[T, ...] = ()
    future: tuple[T, ...] = ()


def record(history: History[T], present: T) -> History[T]:
    """Go on to what is from now on; what was undone before is forgotten."""
    return History(past=(*history.past, history.present), present=present)


def undo(history: History[T]) -> History[T]:
    """Go back by one edit, if there is any."""
    if not history.past:
        return history
    *past, present = history.past
    return History(past=tuple(past), present=present, future=(history.present, *history.future))


def redo(history: History[T]) -> History[T]:
    """Do again what was undone last, if anything was."""
    if not history.future:
        return history
    present, *future = history.future
    return History(past=(*history.past, history.present), present=present, future=tuple(future))


def lock_clip(trailer: Trailer, *, index: int) -> Trailer:
    """Lock a clip: nothing but a person changes it from now on."""
    return _put(trailer, index, replace(_find(trailer, index), is_locked=True))


def unlock_clip(trailer: Trailer, *, index: int) -> Trailer:
    """Unlock a clip."""
    return _put(trailer, index, replace(_find(trailer, index), is_locked=False))


def swap_clip(trailer: Trailer, *, index: int, clip: Clip) -> Trailer:
    """Put another clip in the place of one, and lock it: a person chose it.

    Args:
        trailer: the trailer.
        index: the place, counted from 0.
        clip: what comes there, one of `pipeline.trailer.list_alternatives`.

    Raises:
        TrailerError: it shows footage that the trailer shows already, or that is banned.
    """
    here = _find(trailer, index)
    others = [other for i, other in enumerate(trailer.clips) if i != index]
    for start_s, end_s in (*((other.start_s, other.end_s) for other in others), *trailer.bans):
        if clip.start_s < end_s and clip.end_s > start_s:
            raise TrailerError("This clip shows footage that is in the trailer already, or banned.", "Choose another.")
    return _put(trailer, index, replace(clip, role=here.role, is_locked=True))


def move_clip(trailer: Trailer, *, index: int, to: int) -> Trailer:
    """Move a clip to another place, and lock it there; those between close up."""
    clip = replace(_find(trailer, index), is_locked=True)
    _find(trailer, to)
    rest = [other for i, other in enumerate(trailer.clips) if i != index]
    return replace(trailer, clips=(*rest[:to], clip, *rest[to:]))


def remove_clip(trailer: Trailer, *, index: int) -> Trailer:
    """Take a clip out; the trailer is shorter by it until it is assembled anew."""
    _find(trailer, index)
    return replace(trailer, clips=tuple(clip for i, clip in enumerate(trailer.clips) if i != index))


def ban_span(trailer: Trailer, *, start_s: Fraction, end_s: Fraction) -> Trailer:
    """Never show a stretch of the cut again; clips that show anything of it go.

    Args:
        trailer: the trailer.
        start_s: where the stretch begins, seconds of the cut.
        end_s: where it ends, exclusive.

    Raises:
        TrailerError: a locked clip shows some of it, or it has no length.
    """
    if not start_s < end_s:
        raise TrailerError("A stretch that ends before it begins cannot be banned.", "Give its beginning first.")
    touched = [clip for clip in trailer.clips if clip.start_s < end_s and clip.end_s > start_s]
    if any(clip.is_locked for clip in touched):
        raise TrailerError("A locked clip shows some of what is to be banned.", "Unlock it first.")
    kept = tuple(clip for clip in trailer.clips if clip not in touched)
    return replace(trailer, clips=kept, bans=(*trailer.bans, (start_s, end_s)))


def lift_ban(trailer: Trailer, *, index: int) -> Trailer:
    """Allow again what was banned, the stretch counted from 0."""
    if not 0 <= index < len(trailer.bans):
        raise TrailerError(f"There is no ban {index + 1}.", f"The trailer has {len(trailer.bans)}.")
    return replace(trailer, bans=tuple(ban for i, ban in enumerate(trailer.bans) if i != index))


def trim_clip(
    trailer: Trailer,
    *,
    index: int,
    material: Material,
    head_frames: int = 0,
    tail_frames: int = 0,
    spoilers: Sequence[SpoilerZone] = (),
) -> Trailer:
    """Move a clip's edges by frames, and lock it.

    Args:
        trailer: the trailer.
        index: the place, counted from 0.
        material: the film.
        head_frames: how many frames less at its beginning; negative for more.
        tail_frames: how many frames less at its end; negative for more.
        spoilers: hard zones that it may not enter.

    Raises:
        TrailerError: an edge would break a line, leave its shot or show less than 12 frames of it, or enter an aside, a
            hard zone, a ban, or another clip's footage. The hint says how far it may go.
    """
    clip = _find(trailer, index)
    start, end = clip_to_frames(clip, material.rate)
    others = [clip_to_frames(other, material.rate) for i, other in enumerate(trailer.clips) if i != index]
    barred = bar_frames(material.rate, spoilers=spoilers, bans=trailer.bans)
    slack = measure_slack(material, (start, end), others=others, barred=barred)
    for edge, frames, less, more in (
        ("beginning", head_frames, slack.head_less, slack.head_more),
        ("end", tail_frames, slack.tail_less, slack.tail_more),
    ):
        if not -more <= frames <= less:
            raise TrailerError(
                f"The clip's {edge} cannot be moved so far: lines, shots and other clips stand in the way.",
                f"Take away at most {less} frames there, or add at most {more}.",
            )
    if head_frames + tail_frames > end - start - slack.least:
        raise TrailerError(
            f"So little would be left of the clip: {end - start - head_frames - tail_frames} frames.",
            f"Leave {slack.least} at least.",
        )
    start_s, end_s = (frame_to_seconds(frame, material.rate) for frame in (start + head_frames, end - tail_frames))
    return _put(trailer, index, replace(clip, start_s=start_s, end_s=end_s, is_locked=True))


def refresh_trailer(trailer: Trailer, material: Material, *, spoilers: Sequence[SpoilerZone] = ()) -> Trailer:
    """Draw the arc of an edited trailer, and measure its tension and its fit, its clips left as they are.

    Args:
        trailer: the trailer.
        material: the film.
        spoilers: hard zones, which the scale of the tension leaves out.
    """
    barred = bar_frames(material.rate, spoilers=spoilers, bans=trailer.bans)
    template = TEMPLATES[trailer.template]
    return describe_trailer(material, trailer.clips, template=template, barred=barred, bans=trailer.bans)


def _find(trailer: Trailer, index: int) -> Clip:
    """The clip at a place."""
    if not 0 <= index < len(trailer.clips):
        raise TrailerError(f"There is no clip {index + 1}.", f"The trailer has {len(trailer.clips)}.")
    return trailer.clips[index]


def _put(trailer: Trailer, index: int, clip: Clip) -> Trailer:
    """Another clip at a place."""
    return replace(trailer, clips=(*trailer.clips[:index], clip, *trailer.clips[index + 1 :]))
