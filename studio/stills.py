"""A picture of every second of a cut: what shows a person where in the film a second is."""

import functools
import logging
import zipfile
from contextlib import suppress
from pathlib import Path

from studio.files import written_whole
from studio.parts import Parts
from studio.settings import Settings

OPEN_FILES = 16

logger = logging.getLogger(__name__)


class Stills:
    """The stills of one cut: a zip file in the home, with `SECOND.jpg` for each second that shows a picture.

    Args:
        settings: this machine's settings.
        cut_id: the cut's whole id.
    """

    def __init__(self, settings: Settings, cut_id: str) -> None:
        self._path = settings.home / "stills" / f"{cut_id}.zip"

    def collect(self, parts: Parts) -> None:
        """Take over the stills from the parts of an analysis that is complete; a disk that is full is only logged.

        Args:
            parts: the cut's.
        """
        written: set[int] = set()
        try:
            with (
                written_whole(self._path) as unfinished,
                zipfile.ZipFile(unfinished, "w", zipfile.ZIP_STORED) as archive,  # JPEGs do not get any smaller.
            ):
                for part in parts.load_pictures():
                    for second, jpeg in part.list_stills():
                        if second not in written:
                            archive.writestr(f"{second}.jpg", jpeg)
                            written.add(second)
        except OSError as error:
            logger.warning("The stills %s could not be kept: %s", self._path, error)

    def read(self, second: int) -> bytes | None:
        """Return the still of a second as JPEG; None if there is none."""
        try:
            return _open_archive(self._path, self._path.stat().st_mtime_ns).read(f"{second}.jpg")
        except (OSError, KeyError, zipfile.BadZipFile):
            return None

    def discard(self) -> None:
        """Delete them."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)


@functools.lru_cache(OPEN_FILES)
def _open_archive(path: Path, changed_ns: int) -> zipfile.ZipFile:
    """Open an archive and keep it open: its list of contents is long. A new version of it is another one."""
    return zipfile.ZipFile(path)
