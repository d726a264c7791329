"""Of a job: for whom it is and how urgent, whether it can be tried again, and when and where its stage began."""

import sqlalchemy as sa
from alembic import op

revision = "5"
down_revision = "4"


def upgrade() -> None:
    """Add the columns; a job of an earlier version is nobody's, of the usual priority, and is not tried again."""
    op.add_column("jobs", sa.Column("person", sa.Text, nullable=False, server_default=""))
    op.add_column("jobs", sa.Column("priority", sa.Integer, nullable=False, server_default="20"))
    op.add_column("jobs", sa.Column("can_retry", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("jobs", sa.Column("stage_at", sa.String(32)))
    op.add_column("jobs", sa.Column("stage_from_s", sa.Float, nullable=False, server_default="0"))
