"""What Alembic runs: the revisions, inside the transaction that `studio.database` has begun."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
