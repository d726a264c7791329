"""Finished parts of an analysis on disk, until it is complete: what an interrupted one goes on from, and its draft."""

import contextlib
import dataclasses
import logging
import shutil
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from filelock import FileLock, Timeout

from pipeline.features.evidence import CHUNK, VERSION, PartEvidence, PictureEvidence, SoundEvidence
from pipeline.types import Analysis
from studio.blob import analysis_to_bytes, bytes_to_analysis
from studio.files import written_whole
from studio.settings import Settings

DRAFT = "draft.npz"
LOCKS = "locks"
"""The folder of the home that has a file for each cut, whose lock whoever reads the cut holds."""

LOOK_S = 0.2
"""How often whoever waits for another program that reads the same film looks whether it is still wanted."""

FORGOTTEN_AFTER_S = 30 * 24 * 3600

logger = logging.getLogger(__name__)


class Parts:
    """The parts of one cut, in a folder of their own under the home; the cut's id stands for every byte of its film.

    Each file is there whole or not at all. One that cannot be read is measured again, and one that cannot be written is
    only missed when the analysis is interrupted, so neither stops the work.

    Args:
        settings: this machine's settings.
        cut_id: the cut.
    """

    def __init__(self, settings: Settings, cut_id: str) -> None:
        self._folder = settings.home / "parts" / cut_id
        self._lock = settings.home / LOCKS / f"{cut_id}.lock"

    @contextlib.contextmanager
    def hold(self, wait: Callable[[], None]) -> Iterator[None]:
        """Keep other programs from them: whoever ends first would delete them under the other.

        Args:
            wait: called again and again while another program holds them; whatever it raises ends that.

        Raises:
            OSError: there is no room for the lock.
        """
        self._lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(self._lock)
        while True:
            with contextlib.suppress(Timeout):
                lock.acquire(timeout=LOOK_S)
                break
            wait()
        try:
            yield
        finally:
            lock.release()

    def load(self, name: str) -> PartEvidence | None:
        """Return the part of that name; None if there is none that can be read."""
        try:
            path = self._folder / _name_file(name)
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                kind = next(kind for kind in (PictureEvidence, SoundEvidence) if set(_list_fields(kind)) == set(arrays))
                return kind(**{field: _unpack(arrays[field]) for field in arrays})
        except Exception:  # Whatever is wrong with a file that was half written or harmed: it is measured again.
            return None

    def load_pictures(self) -> Iterator[PictureEvidence]:
        """Yield the parts that chunks of the picture were read into, one at a time, what was read last first."""
        prefix, suffix = _name_file(CHUNK).split(CHUNK)
        paths = sorted(self._folder.glob(f"{prefix}{CHUNK}*{suffix}"), key=lambda path: -path.stat().st_mtime_ns)
        for path in paths:
            part = self.load(path.name.removeprefix(prefix).removesuffix(suffix))
            if isinstance(part, PictureEvidence):
                yield part

    def save(self, name: str, part: PartEvidence) -> None:
        """Keep a part."""
        self._write(_name_file(name), {field: getattr(part, field) for field in _list_fields(type(part))})

    def load_draft(self) -> Analysis | None:
        """Return the latest draft of the analysis; None if there is none that this version can read."""
        try:
            return bytes_to_analysis((self._folder / DRAFT).read_bytes())
        except (OSError, ValueError):
            return None

    def draft_changed_at(self) -> float | None:
        """When the draft was last written, seconds since 1970; None if there is none."""
        try:
            return (self._folder / DRAFT).stat().st_mtime
        except OSError:
            return None

    def save_draft(self, analysis: Analysis) -> None:
        """Replace the draft of the analysis."""
        self._write(DRAFT, analysis_to_bytes(analysis))

    def discard_draft(self) -> None:
        """Delete the draft of the analysis."""
        with contextlib.suppress(OSError):
            (self._folder / DRAFT).unlink(missing_ok=True)

    def discard_unless_held(self) -> None:
        """Delete all of them, unless a program is reading the cut: it does so itself."""
        with contextlib.suppress(Timeout, OSError):
            self._lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with FileLock(self._lock, timeout=0):
                self.discard()

    def discard(self) -> None:
        """Delete all of them: the analysis is complete, or nobody wants it any more."""
        shutil.rmtree(self._folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            self._lock.unlink(missing_ok=True)  # Whoever waits for it finds out by itself what has become of the film.

    def _write(self, name: str, content: bytes | Mapping[str, Any]) -> None:
        """Write a file under another name and put it into place."""
        path = self._folder / name
        try:
            with written_whole(path) as unfinished, unfinished.open("wb") as file:
                if isinstance(content, bytes):
                    file.write(content)
                else:
                    np.savez_compressed(file, **content)
        except OSError as error:
            logger.warning("%s could not be kept: %s", path, error)


def _name_file(name: str) -> str:
    """Return the file's name of a part, with the version of the measurements: another version's are not found."""
    return f"{VERSION}-{name}.npz"


def _list_fields(kind: type[PartEvidence]) -> list[str]:
    """Return the names of a part's fields."""
    return [field.name for field in dataclasses.fields(kind)]


def _unpack(array: Any) -> Any:
    """Turn a value back into what it was: numbers and text are kept as arrays without axes."""
    return array if array.ndim else array.item()


def sweep_parts(settings: Settings, *, now_s: float) -> None:
    """Delete parts that nothing has been added to for a month: whoever gave up an analysis does not tell.

    Args:
        settings: this machine's settings.
        now_s: the time, seconds since 1970.
    """
    for folder in (settings.home / "parts").glob("*"):
        with contextlib.suppress(OSError):
            if now_s - folder.stat().st_mtime > FORGOTTEN_AFTER_S:
                shutil.rmtree(folder, ignore_errors=True)
