"""Who did what when: one line for everything that changes what the library holds."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from studio.database import reading
from studio.entries import check_text, now_as_text
from studio.schema import AUDIT


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """One thing that somebody did.

    Attributes:
        at: when, UTC.
        person: who: on a page whoever looked at it, of a job whose it was, of a command as THROUGHLINE_PERSON says.
        action: what: analysed, analysed again, start timecode, version, noted, note removed, tagged, tag removed, rated,
            ratings imported, ratings removed, removed, mended, backed up or restored.
        cut_id: to which cut; None where it was to all.
        details: the rest, in words.
    """

    at: datetime
    person: str
    action: str
    cut_id: str | None
    details: str


class Audit:
    """What was done to the library; it outlives the cuts that it tells of.

    Args:
        engine: the library's database.
        person: who is at work here.
    """

    def __init__(self, engine: Engine, person: str) -> None:
        self._engine = engine
        self.person = person

    def record_action(self, connection: Connection, action: str, cut_id: str | None = None, details: str = "") -> None:
        """Note what is done, in the transaction that does it.

        Args:
            connection: the transaction.
            action: one of those of `AuditEntry`.
            cut_id: to which cut.
            details: the rest, in words.
        """
        values = {"person": check_text(self.person), "action": action, "cut_id": cut_id, "details": details}
        connection.execute(insert(AUDIT).values(id=secrets.token_hex(8), at=now_as_text(), **values))

    def restore_actions(self, connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Put back what was noted, beside what is noted here; a line never changes, so one that is here already stays.

        Args:
            connection: the transaction.
            rows: rows of the table.
        """
        known = set(connection.execute(select(AUDIT.c.id)).scalars())
        missing = [dict(row) for row in rows if row["id"] not in known]
        if missing:
            connection.execute(insert(AUDIT), missing)

    def list_actions(self, cut_id: str | None = None, *, last: int | None = None) -> list[AuditEntry]:
        """Return what was done, the oldest first.

        Args:
            cut_id: to this cut only.
            last: only so many of the latest; None for all.
        """
        query = select(AUDIT).order_by(AUDIT.c.at.desc(), AUDIT.c.id.desc()).limit(last)
        if cut_id is not None:
            query = query.where(AUDIT.c.cut_id == cut_id)
        with reading(self._engine).begin() as connection:
            rows = list(connection.execute(query).mappings())[::-1]
        names = ("person", "action", "cut_id", "details")
        return [AuditEntry(at=datetime.fromisoformat(row["at"]), **{name: row[name] for name in names}) for row in rows]
