"""Projects: the titles that people work on, and their cuts as versions in an order."""

import re
import secrets
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from pipeline.errors import LibraryError
from studio.audit import Audit
from studio.entries import check_text, now_as_text
from studio.schema import CUTS, PROJECTS

NUMBERED = re.compile(r"v[0-9]{1,9}")
"""A version that is called by its number."""


class Projects:
    """Which cuts are versions of the same title, what each version is called, and in which order they stand.

    A cut that is new becomes the next version, v1, v2 and so on, of the project that is called what it is called. A
    project goes with its last cut.

    Args:
        engine: the library's database.
        audit: where it is noted who changed what.
    """

    def __init__(self, engine: Engine, audit: Audit) -> None:
        self._engine = engine
        self._audit = audit

    def next_version(self, connection: Connection, name: str) -> dict[str, Any]:
        """Return where a cut belongs that becomes the last version of a project, which is made where it is missing.

        Args:
            connection: a transaction.
            name: the project's name.

        Returns:
            Values of the columns `project_id`, `version` and `position`.
        """
        project_id = connection.execute(select(PROJECTS.c.id).where(PROJECTS.c.name == name)).scalar()
        if project_id is None:
            project_id = secrets.token_hex(8)
            connection.execute(insert(PROJECTS).values(id=project_id, name=name, added_at=now_as_text()))
        query = select(CUTS.c.version, CUTS.c.position).where(CUTS.c.project_id == project_id)
        rows = connection.execute(query).all()
        numbers = [int(row.version[1:]) for row in rows if NUMBERED.fullmatch(row.version)]
        version = f"v{max(numbers, default=0) + 1}"
        return {
            "project_id": project_id,
            "version": version,
            "position": max((row.position for row in rows), default=0) + 1,
        }

    def follow_title(self, connection: Connection, cut_id: str, title: str) -> dict[str, Any]:
        """Return where a cut belongs that gets another title: an only version that was called like its project moves.

        Args:
            connection: a transaction.
            cut_id: the cut, as it was until now.
            title: its new title.

        Returns:
            Values of columns as of `next_version`; none where it stays.
        """
        query = select(CUTS.c.title, CUTS.c.project_id, PROJECTS.c.name).join_from(
            CUTS, PROJECTS, CUTS.c.project_id == PROJECTS.c.id
        )
        row = connection.execute(query.where(CUTS.c.id == cut_id)).one()
        versions = select(func.count()).where(CUTS.c.project_id == row.project_id)
        if title == row.title or row.title != row.name or connection.execute(versions).scalar() != 1:
            return {}
        return self.next_version(connection, title)

    def set_version(
        self, cut_id: str, *, version: str | None = None, project: str | None = None, position: int | None = None
    ) -> None:
        """Call a version by another name, make it one of another project, or give it another place in the order.

        Args:
            cut_id: the cut's whole id.
            version: its name, such as "director's"; if None, it keeps its name, or in another project gets the next.
            project: the project's name, made where it is missing; if None, it stays in its own.
            position: from 1 on; what stood there and after moves up. If None, it keeps its place, or becomes the last.

        Raises:
            LibraryError: there is no such cut, a name is empty, or the project has such a version.
        """
        names = [None if name is None else _check_name(name) for name in (version, project)]
        with self._engine.begin() as connection:
            row = connection.execute(select(CUTS).where(CUTS.c.id == cut_id)).mappings().first()
            if row is None:
                raise LibraryError(f"In the library, no cut has the id {cut_id!r}.", "List the cuts to see their ids.")
            values = {name: row[name] for name in ("project_id", "version", "position")}
            if names[1] is not None:
                there = self.next_version(connection, names[1])
                values = there if there["project_id"] != row["project_id"] else values
            if names[0] is not None:
                values["version"] = names[0]
            _check_free(connection, cut_id, values)
            connection.execute(update(CUTS).where(CUTS.c.id == cut_id).values(values))
            _number(connection, row["project_id"])
            _number(connection, values["project_id"], moved=None if position is None else (cut_id, position))
            self.drop_empty(connection)
            self._audit.record_action(connection, "version", cut_id, values["version"])

    def drop_empty(self, connection: Connection) -> None:
        """Let go of the projects that have no cut any more."""
        connection.execute(delete(PROJECTS).where(PROJECTS.c.id.not_in(select(CUTS.c.project_id))))


def _number(connection: Connection, project_id: str, moved: tuple[str, int] | None = None) -> None:
    """Number the versions of a project from 1 on, one of them, if any, moved to a position."""
    query = select(CUTS.c.id).where(CUTS.c.project_id == project_id).order_by(CUTS.c.position, CUTS.c.id)
    ids = list(connection.execute(query).scalars())
    if moved is not None:
        cut_id, position = moved
        ids.remove(cut_id)
        ids.insert(max(1, position) - 1, cut_id)
    for position, cut_id in enumerate(ids, 1):
        connection.execute(update(CUTS).where(CUTS.c.id == cut_id).values(position=position))


def _check_free(connection: Connection, cut_id: str, values: dict[str, Any]) -> None:
    """Refuse a second version of the same name in a project."""
    query = select(CUTS.c.title).where(
        CUTS.c.project_id == values["project_id"], CUTS.c.version == values["version"], CUTS.c.id != cut_id
    )
    title = connection.execute(query).scalar()
    if title is not None:
        raise LibraryError(f"{title!r} is that project's {values['version']} already.", "Give it another name.")


def _check_name(name: str) -> str:
    """Return the name of a project or a version as it is kept."""
    kept = check_text(name.strip())
    if not kept:
        raise LibraryError("A project and a version have a name.", "Give it one.")
    return kept
