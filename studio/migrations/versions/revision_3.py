"""Analyses as files beside the database; projects and versions, notes, tags and the audit."""

import hashlib
import io
import json
import secrets
from typing import Any

import numpy as np
import sqlalchemy as sa
from alembic import context, op

revision = "3"
down_revision = "2"


def upgrade() -> None:
    """Make the new tables, and move every analysis into a file; a file that no row comes to name does no harm."""
    _create_tables()
    connection, files = op.get_bind(), context.config.attributes["analyses"]
    projects: dict[str, tuple[str, list[str]]] = {}
    ids = connection.execute(sa.text("SELECT id FROM cuts ORDER BY added_at, id")).scalars().all()
    for cut_id in ids:  # One at a time: an analysis is some megabytes.
        row = dict(connection.execute(sa.text("SELECT * FROM cuts WHERE id = :id"), {"id": cut_id}).mappings().one())
        block = bytes(row["analysis"])
        values = {**row, "provenance": _read_provenance(block), "digest": hashlib.sha256(block).hexdigest()}
        values |= _place(connection, projects, row) | {"analysis": files.write(cut_id, block)}
        names = ", ".join(values)
        places = ", ".join(f":{name}" for name in values)
        connection.execute(sa.text(f"INSERT INTO new_cuts ({names}) VALUES ({places})"), values)  # noqa: S608
    op.drop_table("cuts")
    op.rename_table("new_cuts", "cuts")


def _create_tables() -> None:
    """Make the tables that are new, and the one that takes the place of the cuts."""
    op.create_table(
        "projects",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("added_at", sa.String(32), nullable=False),
    )
    op.create_table(
        "new_cuts",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("project_id", sa.String(32), nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("transcript", sa.Text),
        sa.Column("duration_s", sa.Float, nullable=False),
        sa.Column("added_at", sa.String(32), nullable=False),
        sa.Column("streams", sa.Text, nullable=False),
        sa.Column("format", sa.Integer, nullable=False),
        sa.Column("provenance", sa.Text, nullable=False),
        sa.Column("analysis", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
    )
    op.create_table(
        "notes",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("cut_id", sa.String(64), nullable=False),
        sa.Column("at_s", sa.Float, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("added_at", sa.String(32), nullable=False),
    )
    op.create_table(
        "tags",
        sa.Column("cut_id", sa.String(64), primary_key=True),
        sa.Column("tag", sa.String(64), primary_key=True),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("cut_id", sa.String(64)),
        sa.Column("details", sa.Text, nullable=False),
    )


def _place(
    connection: sa.Connection, projects: dict[str, tuple[str, list[str]]], row: dict[str, Any]
) -> dict[str, Any]:
    """Make a cut the next version of the project that has its title."""
    if row["title"] not in projects:
        projects[row["title"]] = (secrets.token_hex(8), [])
        connection.execute(
            sa.text("INSERT INTO projects (id, name, added_at) VALUES (:id, :name, :added_at)"),
            {"id": projects[row["title"]][0], "name": row["title"], "added_at": row["added_at"]},
        )
    project_id, cuts = projects[row["title"]]
    cuts.append(row["id"])
    return {"project_id": project_id, "version": f"v{len(cuts)}", "position": len(cuts)}


def _read_provenance(block: bytes) -> str:
    """Read what made an analysis out of its archive, as JSON; nothing where that is damaged."""
    try:
        with np.load(io.BytesIO(block), allow_pickle=False) as arrays:
            header = json.loads(arrays["header"].tobytes())
        return json.dumps({str(name): str(maker) for name, maker in header["provenance"].items()}, sort_keys=True)
    except Exception:  # The readers of a damaged archive raise whatever they stumble over.
        return "{}"
