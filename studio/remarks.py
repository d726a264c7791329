"""What people say of cuts: notes at timecodes, and tags."""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import Connection, Engine, delete, insert, select

from pipeline.clock import timecode_to_seconds
from pipeline.errors import LibraryError, TimecodeError
from pipeline.types import Cut
from studio.audit import Audit
from studio.database import reading
from studio.entries import check_text, now_as_text
from studio.schema import CUTS, NOTES, TAGS

TAG_LETTERS = 64
"""The longest tag."""


@dataclass(frozen=True, kw_only=True)
class Note:
    """A note at an instant of a cut.

    Attributes:
        id: 16 hex digits.
        cut_id: the cut.
        at_s: seconds of the film.
        text: what was noted.
        person: who noted it.
        added_at: when, UTC.
    """

    id: str
    cut_id: str
    at_s: float
    text: str
    person: str
    added_at: datetime


WHOLE_SECONDS = re.compile(r"\d+:\d\d:\d\d")
"""A timecode without its frames, as people say it."""


class Remarks:
    """Notes and tags of the cuts of the library; they outlive a new analysis of a cut, and go with the cut.

    Args:
        engine: the library's database.
        audit: where it is noted who said what.
    """

    def __init__(self, engine: Engine, audit: Audit) -> None:
        self._engine = engine
        self._audit = audit

    def add_note(self, cut_id: str, at_s: Fraction | float, text: str) -> Note:
        """Note something at an instant of a cut.

        Args:
            cut_id: the cut's whole id.
            at_s: seconds of the film.
            text: at least a letter.

        Raises:
            LibraryError: there is no such cut, or nothing is noted.
        """
        if not text.strip():
            raise LibraryError("An empty note says nothing.", "Write what is to be noted.")
        note = Note(
            id=secrets.token_hex(8),
            cut_id=cut_id,
            at_s=float(at_s),
            text=check_text(text.strip()),
            person=self._audit.person,
            added_at=datetime.fromisoformat(now_as_text()),
        )
        with self._engine.begin() as connection:
            _check_cut(connection, cut_id)
            values = vars(note) | {"added_at": note.added_at.isoformat(timespec="microseconds")}
            connection.execute(insert(NOTES).values(values))
            self._audit.record_action(connection, "noted", cut_id, note.text)
        return note

    def list_notes(self, cut_id: str) -> list[Note]:
        """Return the notes of a cut in the order of the film."""
        query = select(NOTES).where(NOTES.c.cut_id == cut_id).order_by(NOTES.c.at_s, NOTES.c.added_at)
        with reading(self._engine).begin() as connection:
            rows = [dict(row) for row in connection.execute(query).mappings()]
        return [Note(**{**row, "added_at": datetime.fromisoformat(row["added_at"])}) for row in rows]

    def remove_note(self, cut_id: str, note_id: str) -> None:
        """Take a note away again.

        Args:
            cut_id: the cut's whole id.
            note_id: the note's id, or the beginning of it as far as no other note of the cut begins like that.

        Raises:
            LibraryError: the cut has no such note.
        """
        found = [note for note in self.list_notes(cut_id) if note_id and note.id.startswith(note_id)]
        if len(found) != 1:
            raise LibraryError(f"The cut has no one note {note_id!r}.", "`library show` lists notes with their ids.")
        with self._engine.begin() as connection:
            if connection.execute(delete(NOTES).where(NOTES.c.id == found[0].id)).rowcount:
                self._audit.record_action(connection, "note removed", cut_id, found[0].text)

    def set_tags(self, cut_id: str, tags: Iterable[str]) -> None:
        """Tag a cut with these and no others.

        Args:
            cut_id: the cut's whole id.
            tags: as in `add_tags`.

        Raises:
            LibraryError: there is no such cut, or a tag is empty or too long, or holds a comma.
        """
        wanted = check_tags(tags)
        with self._engine.begin() as connection:
            _check_cut(connection, cut_id)
            there = _read_tags(connection, cut_id)
            self._put_on(connection, cut_id, wanted - there)
            self._take_off(connection, cut_id, there - wanted)

    def add_tags(self, cut_id: str, tags: Iterable[str]) -> None:
        """Tag a cut; what it has already it keeps.

        Args:
            cut_id: the cut's whole id.
            tags: at most `TAG_LETTERS` letters each; capitals and doubled spaces make no difference.

        Raises:
            LibraryError: there is no such cut, or a tag is empty or too long.
        """
        wanted = check_tags(tags)
        with self._engine.begin() as connection:
            _check_cut(connection, cut_id)
            self._put_on(connection, cut_id, wanted - _read_tags(connection, cut_id))

    def remove_tags(self, cut_id: str, tags: Iterable[str]) -> None:
        """Take tags off a cut; what it does not have is no fault."""
        unwanted = check_tags(tags)
        with self._engine.begin() as connection:
            self._take_off(connection, cut_id, unwanted)

    def _put_on(self, connection: Connection, cut_id: str, tags: Iterable[str]) -> None:
        """Add tags that the cut does not have."""
        for tag in sorted(tags):
            connection.execute(insert(TAGS).values(cut_id=cut_id, tag=tag))
            self._audit.record_action(connection, "tagged", cut_id, tag)

    def _take_off(self, connection: Connection, cut_id: str, tags: Iterable[str]) -> None:
        """Remove those of some tags that the cut has."""
        for tag in sorted(tags):
            if connection.execute(delete(TAGS).where(TAGS.c.cut_id == cut_id, TAGS.c.tag == tag)).rowcount:
                self._audit.record_action(connection, "tag removed", cut_id, tag)


def timecode_to_instant(cut: Cut, timecode: str) -> Fraction:
    """Read a timecode of a cut as seconds of its film.

    Args:
        cut: the cut, whose rate and start timecode count.
        timecode: `HH:MM:SS:FF`, or `HH:MM:SS;FF` for drop-frame; `HH:MM:SS` is the first frame with such a label.

    Raises:
        TimecodeError: the film never shows it.
    """
    label = timecode.strip()
    if WHOLE_SECONDS.fullmatch(label):
        mark = ";" if ";" in cut.timecode(0) else ":"
        # Drop-frame counting leaves out the first two labels, or four, of most minutes.
        firsts = [f"{label}{mark}{frame:02}" for frame in (0, 2, 4)]
        label = next((first for first in firsts if _is_label(first, cut)), firsts[0])
    try:
        at_s = timecode_to_seconds(label, cut.label_rate, start_timecode=cut.start_timecode)
    except ValueError as error:
        hint = "Write it like 01:00:00:00, or 01:00:00;00 for drop-frame."
        raise TimecodeError(f"{timecode!r} is no timecode of this film: {error}.", hint) from error
    if at_s >= cut.duration_s:
        first = cut.timecode(0)
        raise TimecodeError(f"{timecode!r} lies outside this film.", f"Its first frame has the timecode {first}.")
    return at_s


def _is_label(timecode: str, cut: Cut) -> bool:
    """Whether a cut's rate ever shows a timecode."""
    try:
        timecode_to_seconds(timecode, cut.label_rate, start_timecode=cut.start_timecode)
    except ValueError:
        return False
    return True


def _check_cut(connection: Connection, cut_id: str) -> None:
    """Refuse to say anything of a cut that is not there, or no longer."""
    if connection.execute(select(CUTS.c.id).where(CUTS.c.id == cut_id)).first() is None:
        raise LibraryError(f"In the library, no cut has the id {cut_id!r}.", "List the cuts to see their ids.")


def check_tags(tags: Iterable[str]) -> set[str]:
    """Return tags as they are kept.

    Raises:
        LibraryError: one is empty or too long, or holds a comma.
    """
    wanted = set()
    for tag in tags:
        kept = check_text(" ".join(tag.split()).casefold())
        if not 0 < len(kept) <= TAG_LETTERS or "," in kept:
            raise LibraryError(f"{tag!r} is no tag.", f"A tag has 1 to {TAG_LETTERS} letters and no comma.")
        wanted.add(kept)
    return wanted


def _read_tags(connection: Connection, cut_id: str) -> set[str]:
    """The tags that a cut has."""
    return set(connection.execute(select(TAGS.c.tag).where(TAGS.c.cut_id == cut_id)).scalars())
