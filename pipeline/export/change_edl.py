"""A list of changes as an EDL: the second cut, rebuilt out of the first wherever the first has it.

Source labels are the first cut's where the event's reel is the first cut's, so that work done on the first can be moved to
the second. Record labels are the second cut's own. Where picture and sound come from different places, an event names one.

Source: CMX 3600 edit decision list, as SMPTE 258M describes it; the comments as Avid writes them.
"""

from itertools import pairwise

from pipeline.errors import ExportError
from pipeline.export.change_list import ChangeList, Piece
from pipeline.export.edl import MOST_EVENTS
from pipeline.export.limits import check_rate, check_two_digits

LABEL = "An EDL"

Part = tuple[Piece, str]
"""A piece, and the channels it is an event of."""


def render_change_edl(changes: ChangeList) -> str:
    """Write a list of changes as a CMX 3600 EDL.

    Args:
        changes: the list.

    Returns:
        The list; what was removed is a comment of the event that stands in its place.

    Raises:
        ExportError: the cuts have different rates, more than 999 events, or a rate that no program edits at.
    """
    check_rate(changes, LABEL)
    check_two_digits(changes, LABEL)
    if changes.a_rate != changes.rate:
        raise ExportError(
            f"{LABEL} counts at one rate, and these cuts have {float(changes.a_rate):.5g} and "
            f"{float(changes.rate):.5g} frames a second.",
            "Take the OpenTimelineIO file, which holds both.",
        )
    parts = _list_parts(changes)
    if len(parts) > MOST_EVENTS:
        raise ExportError(
            f"{LABEL} cannot hold {len(parts)} events: its numbers have three digits.",
            "Take the OpenTimelineIO file.",
        )
    is_drop = ";" in changes.label_record(0)
    lines = [f"TITLE: {changes.title[:70]}", f"FCM: {'DROP FRAME' if is_drop else 'NON-DROP FRAME'}", ""]
    for number, (piece, channels) in enumerate(parts, start=1):
        lines += _write_event(number, piece, channels, changes)
        lines += _write_comments(piece, changes, is_last=piece.record_out == changes.b.frames)
    return "\n".join(lines) + "\n"


def _list_parts(changes: ChangeList) -> list[Part]:
    """List the events: one where picture and sound come from one place, one for each where they do not."""
    tracks = [track for track in (changes.picture, changes.sound) if track]
    edges = sorted({edge for track in tracks for piece in track for edge in (piece.record_in, piece.record_out)})
    sound = ("", "A", "AA")[min(changes.b.channels, 2)]
    parts: list[Part] = []
    for start, end in pairwise(edges):
        picture, heard = (_find_part(track, start, end) for track in (changes.picture, changes.sound))
        if picture and heard and (picture.side, picture.source_in) == (heard.side, heard.source_in):
            parts.append((heard if picture.kind == "kept" else picture, "B" if sound == "A" else "AA/V"))
        else:
            parts += [(part, name) for part, name in ((picture, "V"), (heard, sound)) if part is not None]
    return parts


def _find_part(track: tuple[Piece, ...], start: int, end: int) -> Piece | None:
    """Return what of a track lies between two neighbouring edges."""
    piece = next((piece for piece in track if piece.record_in <= start < piece.record_out), None)
    return None if piece is None else piece.cut_out(start, end)


def _write_event(number: int, piece: Piece, channels: str, changes: ChangeList) -> list[str]:
    """Write an event, and its speed where that is not the source's own."""
    reel = changes.find_media(piece).short_reel
    source = [changes.label_source(piece, frame) for frame in (piece.source_in, piece.source_out)]
    record = [changes.label_record(frame) for frame in (piece.record_in, piece.record_out)]
    lines = [f"{number:03d}  {reel:<8} {channels:<5} C        {' '.join(source + record)}"]
    if piece.speed != 1:
        lines.append(f"M2   {reel:<8}       {piece.speed * float(changes.rate):05.1f}                {source[0]}")
    return lines


def _write_comments(piece: Piece, changes: ChangeList, *, is_last: bool) -> list[str]:
    """Write where an event comes from, and what the changes that begin with it did."""
    media = changes.find_media(piece)
    lines = [f"* FROM CLIP NAME: {media.name}", f"* REEL NAME: {media.reel}", f"* COMMENT: {piece.kind.upper()}"]
    for marker in changes.markers:
        kind = marker.change.kind
        begins_here = piece.record_in <= marker.first < piece.record_out
        is_told = kind == piece.kind or (kind == "removed" and (marker.first == piece.record_in or is_last))
        if begins_here and is_told:
            lines.append(f"* COMMENT: {kind.upper()}: {marker.note}")
    return [*lines, ""]
