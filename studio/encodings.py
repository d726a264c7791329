"""What optional encoders made of each cut, kept beside its analysis: a few kilobytes a second."""

import functools
import json
from contextlib import suppress
from pathlib import Path

import numpy as np

from pipeline.encodings import Encodings
from pipeline.types import STREAMS
from studio.files import written_whole
from studio.settings import Settings

OPEN_FILES = 2

_ARRAYS = (*STREAMS, "present")


class StoredEncodings:
    """The encodings of one cut: an .npz file in the home.

    Args:
        settings: this machine's settings.
        cut_id: the cut's whole id.
    """

    def __init__(self, settings: Settings, cut_id: str) -> None:
        self._path = settings.home / "encodings" / f"{cut_id}.npz"

    def write(self, encodings: Encodings) -> None:
        """Write them, whole or not at all; they replace older ones.

        Raises:
            OSError: they cannot be written.
        """
        arrays = {name: getattr(encodings, name) for name in _ARRAYS}
        with written_whole(self._path) as unfinished, unfinished.open("wb") as file:
            np.savez_compressed(file, encoders=np.array(json.dumps(dict(encodings.encoders))), **arrays)

    def read(self) -> Encodings | None:
        """Return them; None if there are none that can be read."""
        try:
            return _read_file(self._path, self._path.stat().st_mtime_ns)
        except Exception:  # Whatever is wrong with a file that was harmed: there are no encodings.
            return None

    def discard(self) -> None:
        """Delete them."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)


@functools.lru_cache(OPEN_FILES)
def _read_file(path: Path, changed_ns: int) -> Encodings:
    """Read a file, and keep what was read of the last ones: every view of a page asks anew. A new version is another."""
    with np.load(path, allow_pickle=False) as arrays:
        encoders = json.loads(str(arrays["encoders"]))
        return Encodings(**{name: arrays[name] for name in _ARRAYS}, encoders=encoders)
