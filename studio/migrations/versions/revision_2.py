"""Decisions of several kinds about a cut, the choices about its moments among them; jobs that render trailers.

For a while these tables were made without revisions: what is there already stays.
"""

import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"


def upgrade() -> None:
    """Turn choices into decisions, and give jobs a template."""
    inspector = sa.inspect(op.get_bind())
    if not inspector.has_table("decisions"):
        op.create_table(
            "decisions",
            sa.Column("cut_id", sa.String(64), primary_key=True),
            sa.Column("kind", sa.String(64), primary_key=True),
            sa.Column("document", sa.Text, nullable=False),
        )
    if inspector.has_table("choices"):
        op.execute(
            "INSERT INTO decisions (cut_id, kind, document) SELECT cut_id, 'moments', document FROM choices "
            "WHERE cut_id NOT IN (SELECT cut_id FROM decisions WHERE kind = 'moments')"
        )
        op.drop_table("choices")
    if "template" not in {column["name"] for column in inspector.get_columns("jobs")}:
        op.add_column("jobs", sa.Column("template", sa.String(32)))
