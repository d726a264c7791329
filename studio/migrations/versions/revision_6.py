"""What kind of job a job is."""

import sqlalchemy as sa
from alembic import op

revision = "6"
down_revision = "5"


def upgrade() -> None:
    """Add the column; until now a job with a template rendered a trailer, and any other one analysed a film."""
    op.add_column("jobs", sa.Column("kind", sa.String(16), nullable=False, server_default="analysis"))
    op.execute("UPDATE jobs SET kind = 'trailer' WHERE template IS NOT NULL")
