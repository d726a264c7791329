"""Everything the library holds in one archive, and back again.

The archive is a zip file: a table a file as JSON lines in `tables/`, analyses in `analyses/`, what else the home holds of
the cuts under its own path, and `manifest.json` with the size and SHA-256 of each. It is the same whatever the database,
so a library also moves from SQLite to PostgreSQL by it.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from sqlalchemy import Connection, func, insert, select

from models.shipped import OWN_CURVES
from pipeline.errors import LibraryError
from studio.database import reading
from studio.entries import now_as_text
from studio.folder import draft_folder
from studio.schema import CUTS, JOBS, METADATA, OF_A_CUT, REVISION
from studio.settings import MODELS
from studio.store import Library
from studio.upkeep import KEPT_FOLDERS

FORMAT = 1
MANIFEST = "manifest.json"
CHUNK_BYTES = 1 << 20

Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, kw_only=True)
class BackupReport:
    """What an archive holds.

    Attributes:
        cuts: how many cuts.
        files: how many files beside the tables.
        size_bytes: all of it, before it is packed.
        missing: films that were asked for and are not where they were.
    """

    cuts: int
    files: int
    size_bytes: int
    missing: tuple[Path, ...]


def back_up_library(library: Library, path: Path, *, films: bool = False) -> BackupReport:
    """Write everything the library holds into one archive, while others may be at work on it.

    Args:
        library: the library.
        path: the archive; an older one is replaced when the new one is complete.
        films: whether to take the films and their subtitles with it; restored, they belong to the library.

    Returns:
        What was written.

    Raises:
        LibraryError: an analysis is lost or damaged.
        FilmError: the archive cannot be written.
    """
    missing: list[Path] = []
    with draft_folder(path.parent) as draft:
        with zipfile.ZipFile(draft / path.name, "w") as archive:
            writer = _Writer(archive)
            rows = _read_tables(library)
            _write_analyses(library, rows, writer)
            for member, file in _list_home_files(library, rows):
                writer.write_file(member, file)
            for row in (*rows[CUTS.name], *rows[JOBS.name]):
                missing += _move_media(library, row, writer if films else None)
            files = len(writer.members)
            for name, table in rows.items():
                lines = "".join(json.dumps(row) + "\n" for row in table)
                writer.write(f"tables/{name}.jsonl", io.BytesIO(lines.encode("ascii")), zipfile.ZIP_DEFLATED)
            manifest = {"format": FORMAT, "revision": REVISION, "made_at": now_as_text(), "members": writer.members}
            archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
        (draft / path.name).replace(path)
    with library.engine.begin() as connection:
        library.audit.record_action(connection, "backed up", details=path.name)
    size_bytes = sum(member["size_bytes"] for member in writer.members.values())
    return BackupReport(cuts=len(rows[CUTS.name]), files=files, size_bytes=size_bytes, missing=tuple(missing))


def restore_library(library: Library, path: Path) -> int:
    """Put back what an archive holds, into a library that is empty.

    All of it is read and compared with its digests before anything is written, and the rows come last, at once: however
    it ends, the library is as it was in the backup, or empty.

    Args:
        library: the library, without cuts and jobs.
        path: the archive.

    Returns:
        How many cuts there are now.

    Raises:
        LibraryError: the library is not empty, or the archive is damaged, or of another version.
    """
    _check_empty(library)
    members = _check_archive(path)
    rows: Rows = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for table in METADATA.sorted_tables:
                lines = archive.read(f"tables/{table.name}.jsonl").decode().splitlines()
                rows[table.name] = [json.loads(line) for line in lines]
            for row in rows[CUTS.name]:
                row["analysis"] = _restore_analysis(library, archive, row)
            for member in members:
                if member.split("/")[0] in (*KEPT_FOLDERS, MODELS, library.settings.media.name):
                    _extract(archive, member, library.settings.home / member)
    except OSError as error:
        raise LibraryError(
            f"{str(path)!r} cannot be restored: {error.strerror or error}.", "Make room on the disk, then try again."
        ) from error
    for row in (*rows[CUTS.name], *rows[JOBS.name]):
        for name in ("path", "transcript"):
            if row[name] and not Path(row[name]).is_absolute():
                row[name] = str(library.settings.home / row[name])
    with library.engine.begin() as connection:
        for table in METADATA.sorted_tables:
            if rows[table.name]:
                connection.execute(insert(table), rows[table.name])
        library.audit.record_action(connection, "restored", details=path.name)
    return len(rows[CUTS.name])


class _Writer:
    """Writes the members of an archive, and keeps their digests."""

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


def _read_tables(library: Library) -> Rows:
    """Read every row of every table, all of one instant."""
    with reading(library.engine).begin() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in METADATA.sorted_tables
        }


def _write_analyses(library: Library, rows: Rows, writer: _Writer) -> None:
    """Write the analysis of every cut; a cut that was analysed again or removed meanwhile is taken as it is now."""
    kept = []
    for row in rows[CUTS.name]:
        now: dict[str, Any] | None = row
        while now is not None and now["analysis"]:
            try:
                block = library.analyses.read(now["analysis"])
            except FileNotFoundError:
                block = b""
            if hashlib.sha256(block).hexdigest() == now["digest"]:
                writer.write(f"analyses/{now['id']}.npz", io.BytesIO(block))
                break
            with reading(library.engine).begin() as connection:
                newer = connection.execute(select(CUTS).where(CUTS.c.id == row["id"])).mappings().first()
            if newer is not None and newer["analysis"] == now["analysis"]:
                raise LibraryError(
                    f"The analysis of {now['title']!r} is lost or damaged, so no backup was made.",
                    "Run `library check`, which has it analysed again.",
                )
            now = None if newer is None else row | {name: newer[name] for name in ("analysis", "digest", "format")}
        if now is not None:
            kept.append(now)
    gone = {row["id"] for row in rows[CUTS.name]} - {row["id"] for row in kept}
    rows[CUTS.name] = kept
    for table in OF_A_CUT:
        rows[table.name] = [row for row in rows[table.name] if row["cut_id"] not in gone]


def _list_home_files(library: Library, rows: Rows) -> Iterator[tuple[str, Path]]:
    """List what the home holds of the cuts and of the jobs at work, and weights of its own, by names in the archive."""
    home = library.settings.home
    known = {row["id"] for row in rows[CUTS.name]} | {row["cut_id"] for row in rows[JOBS.name]}
    for folder in KEPT_FOLDERS:
        for path in sorted((home / folder).rglob("*")):
            member = path.relative_to(home).as_posix()
            if path.is_file() and member.split("/")[1].partition(".")[0] in known:
                yield member, path
    for path in sorted(library.settings.models.glob(f"{OWN_CURVES}-*")):
        yield path.relative_to(home).as_posix(), path


def _move_media(library: Library, row: dict[str, Any], writer: _Writer | None) -> list[Path]:
    """Name the media of a row relative to the home if they lie there or come with the archive; return missing ones."""
    missing = []
    for name in ("path", "transcript"):
        if not row[name]:
            continue
        path, home = Path(row[name]), library.settings.home
        is_own = library.settings.media in path.parents
        folder = row.get("cut_id") or row["id"]
        member = path.relative_to(home).as_posix() if is_own else f"media/{folder}/{path.name}"
        written = writer is not None and writer.write_file(member, path)
        if written or is_own:
            row[name] = member
        if writer is not None and not written:
            missing.append(path)
    return missing


def _check_empty(library: Library) -> None:
    """Refuse to put one library over another."""
    with reading(library.engine).begin() as connection:
        if _count(connection, CUTS) or _count(connection, JOBS):
            raise LibraryError(
                "The library is not empty, and a backup is not laid over it.",
                "Set THROUGHLINE_HOME (and THROUGHLINE_DATABASE) to an empty one, or run `library purge` first.",
            )


def _count(connection: Connection, table: Any) -> int:
    """How many rows a table has."""
    return connection.execute(select(func.count()).select_from(table)).scalar() or 0


def _check_archive(path: Path) -> list[str]:
    """Read all of an archive and compare it with its manifest; return the names of its members.

    Raises:
        LibraryError: it is not what was backed up, or of another version.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = json.loads(archive.read(MANIFEST))
            if (manifest["format"], manifest["revision"]) != (FORMAT, REVISION):
                raise ValueError(f"it was made by another version, with tables of revision {manifest['revision']}")
            for member, wanted in manifest["members"].items():
                if member.startswith("/") or ".." in PurePosixPath(member).parts or "\\" in member:
                    raise ValueError(f"{member!r} lies outside the archive")
                if _digest_member(archive, member) != wanted["sha256"]:
                    raise ValueError(f"{member} is damaged")
            return list(manifest["members"])
    except Exception as error:  # The readers of a damaged archive raise whatever they stumble over.
        raise LibraryError(
            f"{str(path)!r} cannot be restored: {str(error).rstrip('.')}.", "Nothing was changed; use another backup."
        ) from error


def _digest_member(archive: zipfile.ZipFile, member: str) -> str:
    """Return the SHA-256 of a member, in hex."""
    with archive.open(member) as source:
        return hashlib.file_digest(source, "sha256").hexdigest()  # type: ignore[arg-type]  # It reads like any file.


def _restore_analysis(library: Library, archive: zipfile.ZipFile, row: dict[str, Any]) -> str:
    """Write the analysis of a cut, and return the name of its file; empty where it was lost before the backup."""
    if not row["analysis"]:
        return ""
    return library.analyses.write(row["id"], archive.read(f"analyses/{row['id']}.npz"))


def _extract(archive: zipfile.ZipFile, member: str, path: Path) -> None:
    """Write a member to a file, a piece at a time."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with archive.open(member) as source, path.open("wb") as target:
        while chunk := source.read(CHUNK_BYTES):
            target.write(chunk)
