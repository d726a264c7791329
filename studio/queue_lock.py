"""The lock that lets one process at a time work through a library's queue: two would undo each other's work."""

import time
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from pipeline.errors import LibraryError
from studio.database import reading

QUEUE_LOCK = 0x7472_6C71
"""The advisory lock of PostgreSQL that whoever works through the queue holds, an arbitrary number."""

PATIENCE_S = 15.0
"""How long a program that is being closed may take to let go."""

LOOK_S = 0.2


class QueueLock:
    """Held by the one process that works through the queue of a library, until it ends, however it does.

    It lies where the library does: in a file beside SQLite's, and in PostgreSQL, whose server lets go of it when it
    restarts; `keep` takes it again.

    Args:
        engine: the library's database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._file: FileLock | None = None
        self._connection: Connection | None = None

    def take(self, *, patience_s: float = PATIENCE_S) -> None:
        """Take the lock.

        Args:
            patience_s: how long to wait for another process to let go, seconds.

        Raises:
            LibraryError: another process holds it.
        """
        deadline_s = time.monotonic() + patience_s
        while not self._try():
            if time.monotonic() >= deadline_s:
                raise LibraryError(
                    "Another Throughline is at work on this library.",
                    "Use that one, or close it first; or set THROUGHLINE_HOME to another folder.",
                )
            time.sleep(LOOK_S)

    def keep(self) -> bool:
        """See whether the lock is still held, and take it again where a server that went away took it along.

        Returns:
            Whether it is held.
        """
        if self._file is not None:
            return True
        try:
            if self._connection is not None:
                self._connection.execute(text("SELECT 1"))
                self._connection.commit()
                return True
            return self._try()
        except SQLAlchemyError:
            self.release()
            return False

    def release(self) -> None:
        """Let go of it."""
        if self._file is not None:
            self._file.release()
        if self._connection is not None:
            with suppress(SQLAlchemyError):
                self._connection.invalidate()  # Back in the pool it would keep its locks.
            self._connection.close()
        self._file = self._connection = None

    def _try(self) -> bool:
        """Take the lock if nobody has it."""
        if self._engine.dialect.name == "sqlite":
            # Whoever starts the queue may do so in another thread than whoever stops it.
            file = FileLock(Path(str(self._engine.url.database)).with_suffix(".queue"), thread_local=False)
            try:
                file.acquire(timeout=0)
            except Timeout:
                return False
            self._file = file
            return True
        connection = reading(self._engine).connect()
        try:
            if connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": QUEUE_LOCK}).scalar():
                connection.commit()
                self._connection = connection
                return True
        finally:
            if self._connection is not connection:
                connection.close()
        return False
