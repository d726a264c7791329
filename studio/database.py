"""The engine that opens the library's database for several processes at once, and carries it to today's tables."""

import sqlite3
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, MetaData, create_engine, event, insert, inspect, make_url, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from pipeline.errors import LibraryError
from studio.analyses import AnalysisFiles
from studio.schema import CUTS, METADATA, REVISION

if TYPE_CHECKING:
    from alembic.config import Config  # A library that is up to date is opened without Alembic.

Rows = dict[str, list[dict[str, Any]]]
"""The rows of tables, by the table's name."""

BUSY_TIMEOUT_S = 30.0
"""How long one process waits for another to finish writing; a write takes milliseconds."""

FIRST_REVISION = "1"
"""What a library is at that was made before there were revisions."""

WRITE_LOCK = 0x7472_6C6E
"""The advisory lock of PostgreSQL that whoever writes to the library holds, an arbitrary number."""

AWAY_SQLITE = ("locked", "busy", "unable to open", "disk I/O error")
"""What SQLite says of a file that it cannot reach, or not now."""

AWAY_STATES = ("08", "53", "57")
"""How the SQLSTATE of an error begins that is the connection's, of a server short of something, or of one that stops."""

READ_OPTION = "throughline_reads"


def open_engine(database: str, analyses: AnalysisFiles) -> Engine:
    """Connect to the library's database, making its tables or carrying those of an earlier version to today's.

    Args:
        database: an SQLAlchemy URL.
        analyses: where the analyses of an earlier version are moved to.

    Returns:
        An engine that threads may share and that several processes may have open at once.

    Raises:
        LibraryError: the database cannot be opened, or a newer version made it.
    """
    try:
        engine = _connect(database)
        try:
            with reading(engine).begin() as connection:
                found = _find_revision(connection)
            if found != REVISION:
                _upgrade(engine, analyses)
        except BaseException:
            engine.dispose()
            raise
    except (SQLAlchemyError, ImportError) as error:
        raise LibraryError(
            f"The library at {_hide_password(database)} cannot be opened: {first_line(error)}.",
            "Check THROUGHLINE_HOME and THROUGHLINE_DATABASE, and that you may write there.",
        ) from error
    return engine


def reading(engine: Engine) -> Engine:
    """Return the engine for transactions that only read: each sees one state, waits for nobody and holds up nobody."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**{READ_OPTION: True})
    return engine.execution_options(**{READ_OPTION: True}, isolation_level="REPEATABLE READ")


def is_away(error: BaseException) -> bool:
    """Whether an error says that the database cannot be reached or is held by another for long: it may be back later."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        return any(words in str(error.orig) for words in AWAY_SQLITE)
    state = getattr(error.orig, "sqlstate", None)
    return error.connection_invalidated or state is None or state.startswith(AWAY_STATES)


def carry_rows(rows: Rows, revision: str, analyses: AnalysisFiles) -> Rows:
    """Carry the rows of an earlier revision's tables to today's, by what carries a library when it is opened.

    It happens in a database in memory, so that nothing is changed by rows that do not fit.

    Args:
        rows: the rows of all tables.
        revision: the revision of these tables, at most today's.
        analyses: where analyses are kept.

    Returns:
        The rows of all of today's tables.

    Raises:
        SQLAlchemyError: rows do not fit into the tables.
        KeyError: there is no such table.
        CommandError: there is no such revision.
    """
    from alembic import command

    engine = create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            config = _configure(connection, analyses)
            command.upgrade(config, revision)
            tables = MetaData()
            tables.reflect(connection)
            for name, table in rows.items():
                if table:
                    connection.execute(insert(tables.tables[name]), table)
            command.upgrade(config, "head")
            return {
                table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
                for table in METADATA.sorted_tables
            }
    finally:
        engine.dispose()


def first_line(error: Exception) -> str:
    """The database's own words, without SQLAlchemy's background links."""
    return str(getattr(error, "orig", None) or error).splitlines()[0].rstrip(".")


def _connect(database: str) -> Engine:
    """Make the engine; nothing is connected yet."""
    url = make_url(database)
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = create_engine(url, pool_pre_ping=True)
    if url.get_backend_name() == "postgresql":
        event.listen(engine, "begin", _begin_postgresql)
    return engine


def _find_revision(connection: Connection) -> str | None:
    """Return the revision of a database; None for an empty one."""
    inspector = inspect(connection)
    if inspector.has_table("alembic_version"):
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return FIRST_REVISION if inspector.has_table(CUTS.name) else None


def _upgrade(engine: Engine, analyses: AnalysisFiles) -> None:
    """Carry the tables to today's in one transaction, while nobody else writes."""
    from alembic import command
    from alembic.util import CommandError

    with engine.begin() as connection:
        found = _find_revision(connection)  # Another process may have been quicker.
        if found == REVISION:
            return
        config = _configure(connection, analyses)
        try:
            if found == FIRST_REVISION:
                command.stamp(config, FIRST_REVISION)
            command.upgrade(config, "head")
        except CommandError as error:
            raise LibraryError(
                f"The library is of a newer version of this program (its tables are at revision {found}).",
                "Use that version, or set THROUGHLINE_HOME to another folder.",
            ) from error
    if found is not None and engine.dialect.name == "sqlite":
        _shrink_sqlite(engine)


def _configure(connection: Connection, analyses: AnalysisFiles) -> "Config":
    """Tell Alembic where the revisions are, and what they are to run on."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "studio:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes |= {"connection": connection, "analyses": analyses}
    return config


def _shrink_sqlite(engine: Engine) -> None:
    """Give the disk back what analyses took inside the file; where somebody is reading, it is used again instead."""
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("VACUUM")
    except Exception as error:
        if "locked" not in str(error) and "full" not in str(error):
            raise
    finally:
        connection.close()


def _prepare_sqlite(connection: object, entry: ConnectionPoolEntry) -> None:
    """Let readers and a writer work side by side, and leave transactions to `_begin_sqlite`."""
    connection.isolation_level = None  # type: ignore[attr-defined]
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock when a transaction begins: one that only finds out later cannot wait for its turn."""
    reads = connection.get_execution_options().get(READ_OPTION, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _begin_postgresql(connection: Connection) -> None:
    """Let one process write at a time, as SQLite does, so that whatever holds there holds here."""
    if not connection.get_execution_options().get(READ_OPTION, False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITE_LOCK})")


def _hide_password(database: str) -> str:
    """Return a database URL as it may be shown; one that is none as it is."""
    try:
        return make_url(database).render_as_string(hide_password=True)
    except SQLAlchemyError:
        return database
