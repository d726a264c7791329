"""What people rated of cuts, second by second."""

import sqlalchemy as sa
from alembic import op

revision = "4"
down_revision = "3"


def upgrade() -> None:
    """Make the table of ratings."""
    op.create_table(
        "ratings",
        sa.Column("cut_id", sa.String(64), primary_key=True),
        sa.Column("curve", sa.String(32), primary_key=True),
        sa.Column("rater", sa.String(64), primary_key=True),
        sa.Column("second", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("value", sa.Float, nullable=False),
    )
