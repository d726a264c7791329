"""Pieces of uploads: written to the disk, and counted once their checksum is the one that their sender gave."""

import hashlib
import os
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Protocol

from studio.uploads import Upload, Uploads


class Digest(Protocol):
    """What a checksum is made with."""

    def update(self, data: bytes, /) -> None:
        """Take more bytes in."""

    def digest(self) -> bytes:
        """Return the checksum of all bytes so far."""


class _Crc32:
    """CRC-32 as a digest of four bytes, the highest first."""

    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes, /) -> None:
        self._value = zlib.crc32(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")


CHECKSUMS: Mapping[str, Callable[[], Digest]] = {
    "sha256": hashlib.sha256,
    "sha1": lambda: hashlib.sha1(usedforsecurity=False),  # The one that the protocol asks of every server.
    "crc32": _Crc32,  # Browsers make no SHA-256 on pages that come without TLS from another machine.
}


class Piece:
    """One piece of an upload on its way to the disk: proven and kept, or taken back.

    Args:
        uploads: where it belongs.
        upload: the upload, which nobody else writes meanwhile.
        checksum: one of `CHECKSUMS`; empty where the sender gave none.
    """

    def __init__(self, uploads: Uploads, upload: Upload, checksum: str = "") -> None:
        self._uploads = uploads
        self._upload = upload
        self._digest = CHECKSUMS[checksum]() if checksum else None
        self._end = upload.offset

    @property
    def has_checksum(self) -> bool:
        """Whether it counts only whole; of a piece without a checksum any beginning is kept."""
        return self._digest is not None

    def write(self, data: bytes) -> None:
        """Write the next bytes.

        Raises:
            OverflowError: they would make the file longer than its sender said.
            OSError: the disk takes no more.
        """
        if self._end + len(data) > self._upload.size:
            raise OverflowError("more bytes than the upload has")
        with self._uploads.find_path(self._upload).open("r+b", buffering=0) as file:
            file.seek(self._end)
            view = memoryview(data)
            while view:
                view = view[file.write(view) :]
        if self._digest is not None:
            self._digest.update(data)
        self._end += len(data)

    def keep(self, expected: bytes = b"") -> Upload:
        """Count what was written, once it is on the disk.

        Args:
            expected: the checksum that the sender gave.

        Returns:
            The upload, advanced.

        Raises:
            ValueError: the checksum is another one; nothing is counted.
            OSError: the disk did not take it.
        """
        if self._digest is not None and self._digest.digest() != expected:
            raise ValueError("another checksum")
        with self._uploads.find_path(self._upload).open("r+b") as file:
            os.fsync(file.fileno())
        self._upload = self._uploads.advance(self._upload, self._end)
        return self._upload

    def drop_rest(self) -> None:
        """Give back the room of what was written and not kept, if there is any."""
        if self._end > self._upload.offset:
            with suppress(OSError):
                os.truncate(self._uploads.find_path(self._upload), self._upload.offset)
