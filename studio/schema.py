"""The tables of the library as they are today; `studio/migrations` makes them, and every change to them is a revision."""

from sqlalchemy import Boolean, Column, Float, Integer, MetaData, String, Table, Text, false

REVISION = "6"
"""The latest revision in `studio/migrations`: a database that is at it is opened without Alembic."""

METADATA = MetaData()

PROJECTS = Table(
    "projects",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("added_at", String(32), nullable=False),
)
"""One row a title that is being worked on; its cuts are its versions. It is there while it has a cut."""

CUTS = Table(
    "cuts",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("project_id", String(32), nullable=False),
    Column("version", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("transcript", Text),
    Column("duration_s", Float, nullable=False),
    Column("added_at", String(32), nullable=False),
    Column("streams", Text, nullable=False),
    Column("format", Integer, nullable=False),
    Column("provenance", Text, nullable=False),
    Column("analysis", Text, nullable=False),
    Column("digest", String(64), nullable=False),
)
"""One row a cut. `analysis` names the file that holds it, empty where it was lost; `digest` is that file's SHA-256."""

DECISIONS = Table(
    "decisions",
    METADATA,
    Column("cut_id", String(64), primary_key=True),
    Column("kind", String(64), primary_key=True),
    Column("document", Text, nullable=False),
)
"""What a person has decided about a cut, as text; it outlives a new analysis of the cut, and goes with the cut."""

JOBS = Table(
    "jobs",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("kind", String(16), nullable=False, server_default="analysis"),
    Column("template", String(32)),
    Column("title", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("transcript", Text),
    Column("state", String(16), nullable=False),
    Column("stage", Text, nullable=False),
    Column("done", Float, nullable=False),
    Column("position_s", Float, nullable=False),
    Column("added_at", String(32), nullable=False),
    Column("started_at", String(32)),
    Column("updated_at", String(32), nullable=False),
    Column("message", Text, nullable=False),
    Column("hint", Text, nullable=False),
    Column("cut_id", String(64)),
    Column("cancel_asked", Boolean, nullable=False),
    Column("person", Text, nullable=False, server_default=""),
    Column("priority", Integer, nullable=False, server_default="20"),
    Column("can_retry", Boolean, nullable=False, server_default=false()),
    Column("stage_at", String(32)),
    Column("stage_from_s", Float, nullable=False, server_default="0"),
)
"""One row a job: all that anybody knows of it, whichever process asks."""

NOTES = Table(
    "notes",
    METADATA,
    Column("id", String(16), primary_key=True),
    Column("cut_id", String(64), nullable=False),
    Column("at_s", Float, nullable=False),
    Column("text", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("added_at", String(32), nullable=False),
)
"""What people have noted about instants of a cut."""

TAGS = Table(
    "tags",
    METADATA,
    Column("cut_id", String(64), primary_key=True),
    Column("tag", String(64), primary_key=True),
)
"""The tags of a cut."""

RATINGS = Table(
    "ratings",
    METADATA,
    Column("cut_id", String(64), primary_key=True),
    Column("curve", String(32), primary_key=True),
    Column("rater", String(64), primary_key=True),
    Column("second", Integer, primary_key=True, autoincrement=False),
    Column("value", Float, nullable=False),
)
"""One row a second that a person rated, in the curve's range: each is written the moment it was watched."""

AUDIT = Table(
    "audit",
    METADATA,
    Column("id", String(16), primary_key=True),
    Column("at", String(32), nullable=False),
    Column("person", Text, nullable=False),
    Column("action", String(32), nullable=False),
    Column("cut_id", String(64)),
    Column("details", Text, nullable=False),
)
"""Who did what when; it outlives the cuts that it tells of."""

OF_A_CUT = (DECISIONS, NOTES, TAGS, RATINGS)
"""What goes with its cut: each of these tables has a column `cut_id`."""
