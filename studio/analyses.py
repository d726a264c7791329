"""The analyses as files beside the database, in whatever fsspec can write to: each is written once and never changed."""

import errno
import os
import secrets
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from pipeline.errors import LibraryError
from pipeline.types import Analysis
from studio.blob import bytes_to_analysis

SUFFIX = ".npz"

UNPACKED = 8
"""So many analyses a process keeps unpacked: every view of a page asks for the one that is open."""


class AnalysisFiles:
    """A folder of analyses, of which a row of the database names each by a name that is never given twice.

    A file is written in full before a row names it, and deleted after no row does: whenever the program is killed,
    every row has its whole file, and at worst a file is left over.

    Args:
        place: a folder of this machine, or an fsspec URL of one elsewhere.

    Raises:
        LibraryError: nothing of today's program can write there.
    """

    def __init__(self, place: str) -> None:
        self.place = place
        try:
            self._system: Any = LocalFileSystem()
            self._folder: str = place
            if "://" in place:
                self._system, self._folder = fsspec.core.url_to_fs(place)
        except (ImportError, ValueError) as error:
            raise LibraryError(
                f"Analyses cannot be kept at {place}: {error}.", "Check THROUGHLINE_ANALYSES."
            ) from error

    def write(self, cut_id: str, block: bytes) -> str:
        """Write an analysis, through to the disk.

        Args:
            cut_id: the cut.
            block: as `analysis_to_bytes` packs it.

        Returns:
            The name of its file.

        Raises:
            LibraryError: it cannot be written; nothing is left behind.
        """
        name = f"{cut_id}-{secrets.token_hex(8)}{SUFFIX}"
        try:
            self._system.makedirs(self._folder, exist_ok=True)
            with self._system.open(self._address(name), "wb") as file:
                file.write(block)
                if self._is_local:
                    file.flush()
                    os.fsync(file.fileno())
            self._sync_folder()
        except OSError as error:
            self.discard(name)
            hint = "Check THROUGHLINE_HOME and THROUGHLINE_ANALYSES, and that you may write there."
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            raise LibraryError(
                f"The analysis cannot be kept at {self.place}: {error.strerror or error}.",
                "Make room on the disk, then analyse the film again." if full else hint,
            ) from error
        return name

    def read(self, name: str) -> bytes:
        """Read an analysis.

        Raises:
            FileNotFoundError: there is none of that name.
            OSError: it cannot be read.
        """
        if not name:
            raise FileNotFoundError(errno.ENOENT, "The analysis was lost", name)
        block: bytes = self._system.cat_file(self._address(name))
        return block

    def discard(self, name: str) -> None:
        """Delete an analysis; one that cannot be deleted is left for `library check`."""
        with suppress(OSError):
            self._system.rm_file(self._address(name))

    def list_files(self) -> dict[str, datetime]:
        """Return the names of all files there, and when each was written, UTC."""
        try:
            entries = self._system.ls(self._folder, detail=False)
        except FileNotFoundError:
            return {}
        times: dict[str, datetime] = {}
        for entry in entries:
            with suppress(FileNotFoundError):  # Deleted meanwhile.
                times[entry.rpartition("/")[2]] = _in_utc(self._system.modified(entry))
        return times

    @property
    def _is_local(self) -> bool:
        """Whether the files lie on this machine's disks."""
        return isinstance(self._system, LocalFileSystem)

    def _sync_folder(self) -> None:
        """Make sure that a power cut does not lose a new file's name."""
        if self._is_local and os.name == "posix":
            folder = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def _address(self, name: str) -> str:
        """The path of a file."""
        return f"{self._folder}/{name}"


@lru_cache(maxsize=UNPACKED)
def load_file(files: AnalysisFiles, name: str, path: Path, transcript: Path | None) -> Analysis:
    """Load an analysis, unpacked once for as long as it is among the last that were asked for: no file ever changes.

    Args:
        files: where it is.
        name: its file's name.
        path: where its film lies now: a library that was restored elsewhere has it elsewhere.
        transcript: where its subtitles lie now.

    Raises:
        OSError: it cannot be read.
        ValueError: it is damaged or of another format.
    """
    analysis = bytes_to_analysis(files.read(name))
    if (analysis.cut.path, analysis.cut.transcript_path) == (path, transcript):
        return analysis
    return replace(analysis, cut=replace(analysis.cut, path=path, transcript_path=transcript))


def _in_utc(instant: Any) -> datetime:
    """Read an instant of a file system, of which some leave out that it is UTC."""
    moment: datetime = instant if isinstance(instant, datetime) else datetime.fromtimestamp(float(instant), UTC)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
