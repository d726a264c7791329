"""Files of the home, written whole or not at all."""

import errno
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

FULL = ("The disk is full.", "Make room on it, then try again.")
"""What is said of it, and what to do."""


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Write a file under another name, beside its own, and give it its own once it is whole and on the disk.

    What breaks off, be it that the power fails, leaves nothing or the older file; what a kill leaves ends in digits
    alone, and `library check` deletes it.

    Args:
        path: the file; its folder is made where it is missing, an older file is replaced.

    Yields:
        Where to write it.

    Raises:
        OSError: its folder cannot be made, or it cannot be moved.
    """
    unfinished = path.with_suffix(f".{os.getpid()}{threading.get_native_id()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield unfinished
        _sync(unfinished)
        unfinished.replace(path)
        _sync(path.parent)
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def is_full(error: BaseException | None) -> bool:
    """Whether an error, or the one behind it, says that there is no room on a disk."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if isinstance(error, SQLAlchemyError) and ("disk is full" in str(error) or "No space left" in str(error)):
            return True
        error = error.__cause__
    return False


def _sync(path: Path) -> None:
    """See a file, or the names in a folder, onto the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
