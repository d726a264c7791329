"""Uploads on their way: each a file that grows in the home, and beside it a record of how much of it is proven.

    media/uploads/ID/NAME      the file; it stays here when it is complete, and the library owns it then
    media/uploads/ID.json      the record, replaced whole after every piece, and deleted some days after the last one

A byte counts once it is on the disk and the record says so. Whatever a killed process left behind that is overwritten.
"""

import errno
import json
import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from pipeline.streams.probe import SIDECAR_SUFFIXES
from studio.media import make_safe_name
from studio.settings import Settings

UPLOAD_LIFE_S = 7 * 24 * 3600
"""So long after its last piece an unfinished upload is kept."""

FILM_BYTES = 1 << 40
SUBTITLES_BYTES = 16 << 20
"""The largest film and the largest subtitle file that are taken."""

RESERVED_BYTES = 256 << 20
"""Room on the disk that no upload takes: the library must be able to go on writing."""


_HANDING_OVER = threading.Lock()
"""The last piece of a film and the sweep may both find it complete at the same moment."""


@dataclass(frozen=True, kw_only=True)
class Upload:
    """What is known of one upload.

    Attributes:
        id: 32 hexadecimal digits, not to be guessed.
        name: the file's name, safe on any file system.
        size: bytes it will have.
        offset: bytes of it that are on the disk and proven.
        metadata: what its sender said of it, as it came.
        title: what to call the cut; empty for the file's own name.
        transcript: the id of the upload of its subtitles.
        person: who sends it; empty for nobody in particular.
        job: the job that took it over, None before.
    """

    id: str
    name: str
    size: int
    offset: int
    metadata: str
    title: str
    transcript: str | None
    person: str = ""
    job: str | None = None

    @property
    def is_complete(self) -> bool:
        """Whether all of it is there."""
        return self.offset == self.size

    @property
    def is_subtitles(self) -> bool:
        """Whether it goes with a film, and is no film itself."""
        return is_subtitle_name(self.name)


Submit = Callable[[Upload, Path, Path | None], str]
"""What takes a complete film, its file and that of its subtitles, and returns the id of the job that has it now."""


class Uploads:
    """The uploads of a home. Only one process, the app, takes them; each record has one writer at a time.

    Args:
        settings: this machine's settings.
    """

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.media / "uploads"

    def create(
        self,
        name: str,
        *,
        size: int,
        metadata: str = "",
        title: str = "",
        transcript: str | None = None,
        person: str = "",
    ) -> Upload:
        """Begin an upload.

        Args:
            name: the sender's name for the file; made safe here.
            size: bytes, from 1 on.
            metadata: what the sender said of it, kept as it came.
            title: what to call the cut.
            transcript: the id of the upload of its subtitles.
            person: who sends it.

        Raises:
            OSError: it cannot be kept; `ENOSPC` where the disk has no room for all of it and the uploads on their way.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        promised = sum(upload.size - upload.offset for upload in self.list())
        if size + promised + RESERVED_BYTES > shutil.disk_usage(self._folder).free:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        upload = Upload(
            id=secrets.token_hex(16),
            name=make_safe_name(name),
            size=size,
            offset=0,
            metadata=metadata,
            title=title,
            transcript=transcript,
            person=person,
        )
        self._record(upload)  # First the record: a file without one would never be swept.
        try:
            self.find_path(upload).parent.mkdir(mode=0o700)
            self.find_path(upload).touch(mode=0o600)
        except OSError:
            self.discard(upload)
            raise
        return upload

    def list(self) -> list[Upload]:
        """Return every upload of which there is a record."""
        found = (self._read(path.stem) for path in self._folder.glob("*.json"))
        return [upload for upload in found if upload is not None]

    def find(self, upload_id: str) -> Upload | None:
        """Find an upload by its id; None where there is none, or its file is gone before anybody took it over."""
        upload = self._read(upload_id)
        known = upload is not None and (upload.job is not None or self.find_path(upload).exists())
        return upload if known else None

    def find_path(self, upload: Upload) -> Path:
        """Return where the file of an upload lies."""
        return self._folder / upload.id / upload.name

    def expires_s(self, upload: Upload) -> float:
        """Return when an upload is given up if nothing more comes of it, seconds since 1970."""
        try:
            return self._find_record(upload.id).stat().st_mtime + UPLOAD_LIFE_S
        except OSError:
            return 0.0

    def advance(self, upload: Upload, offset: int) -> Upload:
        """Note that an upload is proven up to an offset; its bytes are on the disk."""
        advanced = replace(upload, offset=offset)
        self._record(advanced)
        return advanced

    def hand_over(self, upload: Upload, submit: Submit) -> Upload:
        """Give a complete film with its subtitles to a job, once; subtitles wait for their film.

        Args:
            upload: the upload.
            submit: takes it.
        """
        with _HANDING_OVER:
            upload = self.find(upload.id) or upload  # Another thread may have been quicker.
            if not upload.is_complete or upload.is_subtitles or upload.job is not None:
                return upload
            return self._hand_over(upload, submit)

    def _hand_over(self, upload: Upload, submit: Submit) -> Upload:
        """Give a complete film to a job, and note which."""
        words = self.find(upload.transcript) if upload.transcript else None
        job = submit(upload, self.find_path(upload), self.find_path(words) if words else None)
        taken = replace(upload, job=job)
        self._record(taken)
        if words is not None:
            self._record(replace(words, job=job))
        return taken

    def discard(self, upload: Upload) -> None:
        """Forget an upload, and delete its file unless a job has taken it over."""
        if upload.job is None:
            shutil.rmtree(self._folder / upload.id, ignore_errors=True)
        with suppress(OSError):
            self._find_record(upload.id).unlink(missing_ok=True)

    def sweep(self, *, now_s: float) -> None:
        """Forget every upload of which nothing more has come for `UPLOAD_LIFE_S`.

        Args:
            now_s: the time, seconds since 1970.
        """
        uploads = self.list()
        alive = [upload for upload in uploads if now_s <= self.expires_s(upload)]
        awaited = {upload.transcript for upload in alive if upload.job is None}
        for upload in uploads:
            if upload not in alive and upload.id not in awaited:
                self.discard(upload)

    def _find_record(self, upload_id: str) -> Path:
        """Return where the record of an upload lies."""
        return self._folder / f"{upload_id}.json"

    def _read(self, upload_id: str) -> Upload | None:
        """Read a record; None where there is none."""
        if not re.fullmatch(r"[0-9a-f]{32}", upload_id):
            return None
        try:
            return Upload(**json.loads(self._find_record(upload_id).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def _record(self, upload: Upload) -> None:
        """Write a record whole, and onto the disk, before it takes the place of the last one."""
        path = self._find_record(upload.id)
        draft = path.with_suffix(".new")
        with draft.open("w", encoding="utf-8") as file:
            json.dump(asdict(upload), file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)


def is_subtitle_name(name: str) -> bool:
    """Say whether a file's name is that of subtitles."""
    return name.lower().endswith(SIDECAR_SUFFIXES)


def finish_uploads(settings: Settings, submit: Submit, taken: Mapping[Path, str]) -> None:
    """Hand over what was complete when the program was stopped, and sweep what was given up.

    Args:
        settings: this machine's settings.
        submit: as in `Uploads.hand_over`.
        taken: the jobs, by the film that each took over: the program may have been stopped before its record said so.
    """
    uploads = Uploads(settings)
    uploads.sweep(now_s=time.time())
    for upload in uploads.list():
        job = taken.get(uploads.find_path(upload))
        if job is not None:
            uploads.hand_over(upload, lambda *_, job=job: job)
        elif uploads.find_path(upload).is_file():
            uploads.hand_over(upload, submit)
