"""What an edit did, in frames: the second cut put together out of the first, and a marker at every change.

On each track pieces lie one behind the other without a gap, from the second cut's first frame to its last. What the first
cut has comes from it, at its own frames; the rest comes from the second.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from pipeline.clock import frame_to_seconds, nearest_frame, shift_timecode
from pipeline.comparison import Change, Comparison, Consequence, Match
from pipeline.export.layout import describe_media, write_one_line
from pipeline.export.timeline import Media
from pipeline.types import Cut

_MIDNIGHT = "00:00:00:00"
_ALIKE_S = 0.1
"""What both cuts have may differ by so much in length, as edges are settled in either cut for itself; it is played alike."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A stretch of the second cut on one track, and where it comes from; ends are exclusive.

    Attributes:
        kind: "kept", or the kind of the change it is part of.
        side: "a" if it comes from the first cut, "b" if from the second.
        source_in: its first frame there, at that cut's rate.
        source_out: the frame behind its last.
        record_in: its first frame in the second cut.
        record_out: the frame behind its last.
        speed: seconds of the source in a second of the second cut; 1 wherever that is what the frames say.
    """

    kind: str
    side: str
    source_in: int
    source_out: int
    record_in: int
    record_out: int
    speed: float = 1.0

    def cut_out(self, start: int, end: int) -> "Piece":
        """Return what of it lies between two frames of the second cut, both within it."""
        return replace(self, source_in=self._place(start), source_out=self._place(end), record_in=start, record_out=end)

    def _place(self, record: int) -> int:
        """Return the source's frame at a frame of the second cut."""
        share = Fraction(record - self.record_in, self.record_out - self.record_in)
        return self.source_in + round(share * (self.source_out - self.source_in))


@dataclass(frozen=True, kw_only=True)
class ChangeMarker:
    """One change on the second cut's clock; what was removed is marked by the frame that stands in its place.

    Attributes:
        change: the change.
        first: its first frame in the second cut.
        frames: how many it covers, 1 at least.
        note: what it did, on one line.
    """

    change: Change
    first: int
    frames: int
    note: str


@dataclass(frozen=True, kw_only=True)
class ChangeList:
    """What an edit did, in frames of the second cut.

    Attributes:
        title: its name, one line.
        rate: frames a second of the second cut, exact.
        a_rate: of the first.
        a: the first cut's file.
        b: the second's, with another reel than the first.
        picture: the picture's pieces; none where the second cut has no picture.
        sound: the sound's pieces, likewise.
        markers: the changes, in order of the first cut.
    """

    title: str
    rate: Fraction
    a_rate: Fraction
    a: Media
    b: Media
    picture: tuple[Piece, ...]
    sound: tuple[Piece, ...]
    markers: tuple[ChangeMarker, ...]

    def find_media(self, piece: Piece) -> Media:
        """Return the file that a piece comes from."""
        return self.a if piece.side == "a" else self.b

    def find_rate(self, piece: Piece) -> Fraction:
        """Return the rate that a piece's source frames count at."""
        return self.a_rate if piece.side == "a" else self.rate

    def label_source(self, piece: Piece, frame: int) -> str:
        """Return the label of a frame of a piece's file, counted as that file counts."""
        return shift_timecode(self.find_media(piece).start_timecode or _MIDNIGHT, frame, self.find_rate(piece))

    def label_record(self, frame: int) -> str:
        """Return the label of a frame of the second cut, counted as that cut counts."""
        return shift_timecode(self.b.start_timecode or _MIDNIGHT, frame, self.rate)


def make_change_list(consequence: Consequence, a: Cut, b: Cut) -> ChangeList:
    """Lay out what an edit did.

    Args:
        consequence: what it changed and did.
        a: the first cut.
        b: the second cut.

    Returns:
        The list. Where both cuts have one rate and a stretch plays at its own speed, it is as many frames long in both.
    """
    comparison, a_media, b_media = consequence.comparison, describe_media(a), describe_media(b)
    if a_media.short_reel == b_media.short_reel:
        a_media, b_media = (
            replace(media, reel=f"{media.short_reel[:7]}{letter}") for media, letter in ((a_media, "A"), (b_media, "B"))
        )
    lay_out = _Layout(comparison=comparison, rates=(a.timecode_rate, b.timecode_rate), frames=b_media.frames)
    return ChangeList(
        title=write_one_line(f"{a.title} to {b.title}" if a.title != b.title else a.title) or "Untitled",
        rate=b.timecode_rate,
        a_rate=a.timecode_rate,
        a=a_media,
        b=b_media,
        picture=lay_out.list_pieces("picture") if b_media.has_picture else (),
        sound=lay_out.list_pieces("sound") if b_media.channels else (),
        markers=tuple(
            _mark(effect.change, write_one_line(effect.sentence), b.timecode_rate, b_media.frames)
            for effect in consequence.effects
        ),
    )


@dataclass(frozen=True, kw_only=True)
class _Layout:
    """What pieces are laid out from: both cuts laid over each other, both rates, and the second cut's frames."""

    comparison: Comparison
    rates: tuple[Fraction, Fraction]
    frames: int

    def list_pieces(self, track: str) -> tuple[Piece, ...]:
        """Lay out one track; what has another picture, or another sound, comes from the second cut."""
        replaced = [change for change in self.comparison.changes if change.kind == track]
        spans = [
            part
            for match in sorted(self.comparison.matches, key=lambda match: match.b_start_s)
            for part in _leave_out(match, replaced)
        ]
        pieces: list[Piece] = []
        position = 0
        for match in spans:
            piece = self._make_piece(match, position)
            if piece is None:
                continue
            pieces += self._fill(position, piece.record_in, track, replaced)
            pieces.append(piece)
            position = piece.record_out
        return (*pieces, *self._fill(position, self.frames, track, replaced))

    def _make_piece(self, match: Match, position: int) -> Piece | None:
        """Lay out what both cuts have, from a frame on; None where nothing of it is left."""
        a_rate, b_rate = self.rates
        record = [
            min(max(position, nearest_frame(edge, b_rate)), self.frames) for edge in (match.b_start_s, match.b_end_s)
        ]
        if record[1] <= record[0]:
            return None
        lengths_s = match.a_end_s - match.a_start_s, match.b_end_s - match.b_start_s
        whole = float(self.comparison.speed)
        is_alike = match.kind != "retimed" and abs(lengths_s[0] - whole * lengths_s[1]) < _ALIKE_S
        first, last = (nearest_frame(edge, a_rate) for edge in (match.a_start_s, match.a_end_s))
        if is_alike and self.comparison.speed == b_rate / a_rate:
            last = first + record[1] - record[0]
        return Piece(
            kind=match.kind,
            side="a",
            source_in=first,
            source_out=max(last, first + 1),
            record_in=record[0],
            record_out=record[1],
            speed=whole if is_alike else lengths_s[0] / lengths_s[1],
        )

    def _fill(self, start: int, end: int, track: str, replaced: Sequence[Change]) -> list[Piece]:
        """Fill what the first cut does not have from the second; it is another picture or sound, or was added."""
        if end <= start:
            return []
        middle_s = frame_to_seconds(start + end, self.rates[1]) / 2
        is_replaced = any(change.b_start_s <= middle_s < change.b_end_s for change in replaced)
        kind = track if is_replaced else "added"
        return [Piece(kind=kind, side="b", source_in=start, source_out=end, record_in=start, record_out=end)]


def _leave_out(match: Match, replaced: Sequence[Change]) -> list[Match]:
    """Return what is left of a match without some spans of it."""
    parts, position_s = [], match.b_start_s
    for change in sorted(replaced, key=lambda change: change.b_start_s):
        if match.b_start_s <= change.b_start_s and change.b_end_s <= match.b_end_s:
            parts.append(_cut_match(match, position_s, change.b_start_s))
            position_s = change.b_end_s
    parts.append(_cut_match(match, position_s, match.b_end_s))
    return [part for part in parts if part.b_end_s > part.b_start_s]


def _cut_match(match: Match, start_s: float, end_s: float) -> Match:
    """Return what of a match lies between two instants of the second cut."""
    speed = (match.a_end_s - match.a_start_s) / (match.b_end_s - match.b_start_s)
    a_start_s, a_end_s = (match.a_start_s + (edge - match.b_start_s) * speed for edge in (start_s, end_s))
    return replace(match, a_start_s=a_start_s, a_end_s=a_end_s, b_start_s=start_s, b_end_s=end_s)


def _mark(change: Change, note: str, rate: Fraction, frames: int) -> ChangeMarker:
    """Mark a change on the second cut."""
    start, end = (nearest_frame(edge, rate) for edge in (change.b_start_s, change.b_end_s))
    first = min(start, frames - 1)
    return ChangeMarker(change=change, first=first, frames=max(1, min(end, frames) - first), note=note)
