"""What each cut of the library is known again by, kept beside its analysis: a few megabytes a film."""

import dataclasses
import logging
from contextlib import suppress
from pathlib import Path

import numpy as np

from pipeline.comparison import Fingerprint
from pipeline.features.evidence import SOUND, SoundEvidence, join_evidence, take_fingerprint
from studio.files import written_whole
from studio.parts import Parts
from studio.settings import Settings

logger = logging.getLogger(__name__)

_FIELDS = tuple(field.name for field in dataclasses.fields(Fingerprint))


class StoredFingerprint:
    """The fingerprint of one cut: an .npz file in the home.

    Args:
        settings: this machine's settings.
        cut_id: the cut's whole id.
    """

    def __init__(self, settings: Settings, cut_id: str) -> None:
        self._path = settings.home / "fingerprints" / f"{cut_id}.npz"

    def collect(self, parts: Parts) -> None:
        """Put it together from the parts of an analysis that is complete; a disk that is full is only logged.

        Args:
            parts: the cut's.
        """
        sound = parts.load(SOUND)
        if not isinstance(sound, SoundEvidence):
            return
        pictures = [part.drop_stills() for part in parts.load_pictures()]
        try:
            write_fingerprint(take_fingerprint(join_evidence(pictures[::-1], sound)), self._path)
        except OSError as error:
            logger.warning("The fingerprint %s could not be kept: %s", self._path, error)

    def exists(self) -> bool:
        """Whether there is one."""
        return self._path.is_file()

    def read(self) -> Fingerprint | None:
        """Return it; None if there is none that can be read."""
        return read_fingerprint(self._path)

    def discard(self) -> None:
        """Delete it."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)


def write_fingerprint(fingerprint: Fingerprint, path: Path) -> None:
    """Write a fingerprint to a file, whole or not at all.

    Args:
        fingerprint: what to write.
        path: the file, .npz.

    Raises:
        OSError: it cannot be written.
    """
    with written_whole(path) as unfinished, unfinished.open("wb") as file:
        np.savez_compressed(file, **{name: getattr(fingerprint, name) for name in _FIELDS})


def read_fingerprint(path: Path) -> Fingerprint | None:
    """Read a fingerprint from a file; None where there is none, or none of this version."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return Fingerprint(**{name: arrays[name] for name in _FIELDS})
    except Exception:  # Whatever is wrong with a file that was harmed: there is no fingerprint.
        return None
