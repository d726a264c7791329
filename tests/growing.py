"""Files that grow while they are read."""

import threading
import time
from pathlib import Path


def grow(whole: Path, target: Path, *, pieces: int = 12, pause_s: float = 0.15) -> threading.Thread:
    """Write a film anew, piece by piece, in a thread of its own."""
    content = whole.read_bytes()
    step = -(-len(content) // pieces)
    target.write_bytes(content[:step])

    def write() -> None:
        for start in range(step, len(content), step):
            time.sleep(pause_s)
            with target.open("ab") as file:
                file.write(content[start : start + step])

    writer = threading.Thread(target=write)
    writer.start()
    return writer
