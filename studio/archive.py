"""A zip file whose manifest holds the size and SHA-256 of every other member: what a backup is written into and read from.

A table is a file of JSON lines in `tables/`. The manifest also names the revision of the tables.
"""

import hashlib
import io
import json
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from pipeline.errors import LibraryError
from studio.database import Rows
from studio.entries import now_as_text
from studio.files import written_whole
from studio.schema import REVISION

FORMAT = 1
MANIFEST = "manifest.json"
TABLES = "tables"
CHUNK_BYTES = 1 << 20


class ArchiveWriter:
    """Writes the members of an archive, and keeps their digests.

    Args:
        archive: a zip file that is open for writing.

    Attributes:
        members: the size and the digest of each, by name.
    """

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.members: dict[str, dict[str, Any]] = {}

    def write(self, member: str, source: BinaryIO, method: int = zipfile.ZIP_STORED) -> None:
        """Write a member, a piece at a time."""
        digest, size_bytes = hashlib.sha256(), 0
        info = zipfile.ZipInfo(member)
        info.compress_type = method
        with self._archive.open(info, "w", force_zip64=True) as target:
            while chunk := source.read(CHUNK_BYTES):
                target.write(chunk)
                digest.update(chunk)
                size_bytes += len(chunk)
        self.members[member] = {"sha256": digest.hexdigest(), "size_bytes": size_bytes}

    def write_file(self, member: str, path: Path) -> bool:
        """Write a file once, unless it is gone, and say whether it is there."""
        if member not in self.members:
            try:
                with path.open("rb") as source:
                    self.write(member, source)
            except FileNotFoundError:
                return False
        return True

    def write_rows(self, rows: Rows) -> None:
        """Write the rows of tables of today's revision."""
        for name, table in rows.items():
            lines = "".join(json.dumps(row) + "\n" for row in table)
            self.write(f"{TABLES}/{name}.jsonl", io.BytesIO(lines.encode("ascii")), zipfile.ZIP_DEFLATED)

    def finish(self) -> None:
        """Write the manifest, after everything else."""
        manifest = {"format": FORMAT, "revision": REVISION, "made_at": now_as_text(), "members": self.members}
        self._archive.writestr(MANIFEST, json.dumps(manifest, indent=1))


def check_archive(archive: zipfile.ZipFile) -> tuple[list[str], str]:
    """Read all of an archive and compare it with its manifest.

    Args:
        archive: a zip file that is open for reading.

    Returns:
        The names of its members, and the revision of its tables.

    Raises:
        LibraryError: a newer version made it.
        ValueError: it is damaged; the readers of a damaged archive raise whatever else they stumble over.
    """
    manifest = json.loads(archive.read(MANIFEST))
    if manifest["format"] > FORMAT or int(manifest["revision"]) > int(REVISION):
        raise LibraryError(
            f"The backup was made by a newer version of this program (its tables are at revision {manifest['revision']}).",
            "Nothing was changed; restore it with that version.",
        )
    for member, wanted in manifest["members"].items():
        if member.startswith("/") or ".." in PurePosixPath(member).parts or "\\" in member:
            raise ValueError(f"{member!r} lies outside the archive")
        if _digest_member(archive, member) != wanted["sha256"]:
            raise ValueError(f"{member} is damaged")
    return list(manifest["members"]), manifest["revision"]


def read_rows(archive: zipfile.ZipFile, members: list[str]) -> Rows:
    """Read the rows of all tables of an archive, of whichever revision they are."""
    rows: Rows = {}
    for path in map(PurePosixPath, members):
        if path.parent == PurePosixPath(TABLES):
            rows[path.stem] = [json.loads(line) for line in archive.read(str(path)).decode().splitlines()]
    return rows


def extract_member(archive: zipfile.ZipFile, member: str, path: Path) -> None:
    """Write a member to a file, a piece at a time; OSError if there is no room for it."""
    with written_whole(path) as unfinished, archive.open(member) as source, unfinished.open("wb") as target:
        while chunk := source.read(CHUNK_BYTES):
            target.write(chunk)


def _digest_member(archive: zipfile.ZipFile, member: str) -> str:
    """Return the SHA-256 of a member, in hex."""
    with archive.open(member) as source:
        return hashlib.file_digest(source, "sha256").hexdigest()  # type: ignore[arg-type]  # It reads like any file.
