"""The tables of the library, and the engine that opens them for several processes at once."""

from sqlalchemy import (
    Boolean,
    Column,
    Engine,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    inspect,
    make_url,
)
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.schema import CreateTable

from pipeline.errors import LibraryError

BUSY_TIMEOUT_S = 30.0
"""How long one process waits for another to finish writing; a write takes milliseconds."""

METADATA = MetaData()

CUTS = Table(
    "cuts",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("title", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("transcript", Text),
    Column("duration_s", Float, nullable=False),
    Column("added_at", String(32), nullable=False),
    Column("streams", Text, nullable=False),
    Column("format", Integer, nullable=False),
    Column("analysis", LargeBinary, nullable=False),
)
"""One row a cut, its whole analysis in one compressed blob."""

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
)
"""One row a job: all that anybody knows of it, whichever process asks."""


def open_engine(database: str) -> Engine:
    """Connect to the library's database and make its tables where they are missing.

    Args:
        database: an SQLAlchemy URL.

    Returns:
        An engine that threads may share and that several processes may have open at once.

    Raises:
        LibraryError: the database cannot be opened.
    """
    try:
        url = make_url(database)
        if url.get_backend_name() == "sqlite":
            engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S})
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
        else:
            engine = create_engine(url)
        with engine.begin() as connection:
            for table in METADATA.sorted_tables:
                connection.execute(CreateTable(table, if_not_exists=True))
                _add_columns(connection, table)
    except (SQLAlchemyError, ImportError) as error:
        raise LibraryError(
            f"The library at {database} cannot be opened: {_first_line(error)}.",
            "Check THROUGHLINE_HOME and THROUGHLINE_DATABASE, and that you may write there.",
        ) from error
    return engine


def reading(engine: Engine) -> Engine:
    """Return the engine for transactions that only read, which on SQLite wait for nobody and hold up nobody."""
    return engine.execution_options(throughline_reads=True)


def _add_columns(connection: Connection, table: Table) -> None:
    """Give a table that an earlier version made the columns that it lacks; what is in it stays."""
    there = {column["name"] for column in inspect(connection).get_columns(table.name)}
    for column in table.columns:
        if column.name not in there:
            name, kind = column.name, column.type.compile(connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {name} {kind}")


def _prepare_sqlite(connection: object, entry: ConnectionPoolEntry) -> None:
    """Let readers and a writer work side by side, and leave transactions to `_begin_sqlite`."""
    connection.isolation_level = None  # type: ignore[attr-defined]
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock when a transaction begins: one that only finds out later cannot wait for its turn."""
    reads = connection.get_execution_options().get("throughline_reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _first_line(error: Exception) -> str:
    """The database's own words, without SQLAlchemy's background links."""
    return str(getattr(error, "orig", None) or error).splitlines()[0].rstrip(".")
