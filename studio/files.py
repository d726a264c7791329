"""Files of the home, written whole or not at all."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Write a file under another name, beside its own, and give it its own once it is whole.

    What breaks off leaves nothing; what a kill leaves ends in digits alone, and `library check` deletes it.

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
        unfinished.replace(path)
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
