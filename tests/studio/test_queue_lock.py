"""One program at a time works through the queue of a library."""

import os
import subprocess
import sys
import time

import pytest
from sqlalchemy import text

from pipeline.errors import LibraryError
from studio.queue_lock import QueueLock
from studio.store import open_library

HOLD = """
import sys, time
from studio.queue_lock import QueueLock
from studio.settings import read_settings
from studio.store import open_library
lock = QueueLock(open_library(read_settings()).engine)
lock.take()
print("taken", flush=True)
time.sleep(60)
"""


def test_a_second_program_is_refused_until_the_first_ends_however_it_does(either):
    library = open_library(either)
    environ = {**os.environ, "THROUGHLINE_HOME": str(either.home), "THROUGHLINE_DATABASE": either.database}
    holder = subprocess.Popen([sys.executable, "-c", HOLD], env=environ, stdout=subprocess.PIPE, text=True)
    lock = QueueLock(library.engine)
    try:
        assert holder.stdout.readline() == "taken\n"
        with pytest.raises(LibraryError, match="Another Throughline"):
            lock.take(patience_s=0)
        begun_s = time.monotonic()
        holder.kill()
        lock.take(patience_s=30)
        assert time.monotonic() - begun_s < 30
        with pytest.raises(LibraryError, match="Another Throughline"):
            QueueLock(library.engine).take(patience_s=0)
        lock.release()
        lock.take(patience_s=0)
        assert library.jobs.list_jobs() == []  # Holding it keeps nobody from the library.
        assert lock.keep()
        if lock._connection is not None:
            with library.engine.connect() as connection:
                mine = lock._connection.execute(text("SELECT pg_backend_pid()")).scalar()
                connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": mine})
            assert not lock.keep()  # The server let go of it ...
            assert lock.keep()  # ... and it is taken again.
            with pytest.raises(LibraryError, match="Another Throughline"):
                QueueLock(library.engine).take(patience_s=0)
    finally:
        holder.kill()
        holder.communicate()
        lock.release()
        library.close()
