"""Cuts with their analyses, choices about moments, and jobs: what the first libraries were, before revisions."""

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "cuts",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("transcript", sa.Text),
        sa.Column("duration_s", sa.Float, nullable=False),
        sa.Column("added_at", sa.String(32), nullable=False),
        sa.Column("streams", sa.Text, nullable=False),
        sa.Column("format", sa.Integer, nullable=False),
        sa.Column("analysis", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "choices",
        sa.Column("cut_id", sa.String(64), primary_key=True),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("transcript", sa.Text),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("done", sa.Float, nullable=False),
        sa.Column("position_s", sa.Float, nullable=False),
        sa.Column("added_at", sa.String(32), nullable=False),
        sa.Column("started_at", sa.String(32)),
        sa.Column("updated_at", sa.String(32), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("hint", sa.Text, nullable=False),
        sa.Column("cut_id", sa.String(64)),
        sa.Column("cancel_asked", sa.Boolean, nullable=False),
    )
