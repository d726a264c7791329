"""Files that grow while they are read."""

import threading
import time
from pathlib import Path

PATIENCE_S = 120


def grow(
    whole: Path, target: Path, *, pieces: int = 12, pause_s: float = 0.15, told: threading.Event | None = None
) -> threading.Thread:
    """Write a film anew, piece by piece, in a thread of its own.

    Args:
        whole: the film.
        target: the file that grows.
        pieces: how many.
        pause_s: how long it waits between them.
        told: if given, what the last quarter waits for.
    """
    content = whole.read_bytes()
    step = -(-len(content) // pieces)
    target.write_bytes(content[:step])

    def write() -> None:
        for start in range(step, len(content), step):
            time.sleep(pause_s)
            if told is not None and start > len(content) * 3 // 4:
                told.wait(PATIENCE_S)
            with target.open("ab") as file:
                file.write(content[start : start + step])

    writer = threading.Thread(target=write)
    writer.start()
    return writer
