"""Everything the library holds in one archive, and back again.

The archive holds the rows of every table, analyses in `analyses/`, and what else the home holds of the cuts under its own
path, uploaded films in `media/` among it. It is the same whatever the database, so a library also moves from SQLite to
PostgreSQL by it; and rows of an earlier revision are carried to today's when they are put back.
"""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, delete, func, insert, select
from sqlalchemy.exc import SQLAlchemyError

from models.shipped import OWN_CURVES
from pipeline.errors import LibraryError
from pipeline.places import is_remote, is_there
from studio.archive import ArchiveWriter, check_archive, extract_member, read_rows
from studio.database import Rows, carry_rows, first_line, reading
from studio.entries import UNFINISHED, WAITING, row_to_job
from studio.folder import draft_folder
from studio.proxies import request_needed_proxy
from studio.schema import AUDIT, CUTS, JOBS, METADATA, OF_A_CUT
from studio.settings import MODELS
from studio.store import Library
from studio.upkeep import KEPT_FOLDERS, delete_path

Films = Literal["own", "all", "none"]
"""Which films and subtitles a backup holds: those that the library owns, because they were uploaded; those that lie
elsewhere as well; or none."""


@dataclass(frozen=True, kw_only=True)
class BackupReport:
    """What an archive holds.

    Attributes:
        cuts: how many cuts.
        files: how many files beside the tables.
        size_bytes: all of it, before it is packed.
        left_out: films and subtitles of cuts and of unfinished jobs that are not in it, because they were not asked for
            or lie behind a URL.
        left_out_bytes: what these take on this machine's disks.
        missing: those that were asked for and are not where they were.
    """

    cuts: int
    files: int
    size_bytes: int
    left_out: tuple[Path, ...]
    left_out_bytes: int
    missing: tuple[Path, ...]


def back_up_library(library: Library, path: Path, *, films: Films = "own") -> BackupReport:
    """Write everything the library holds into one archive, while others may be at work on it.

    Light copies are left out, for they are made again after it was restored; so are uploads on their way.

    Args:
        library: the library.
        path: the archive; an older one is replaced when the new one is complete.
        films: which films and subtitles to take with it; restored, they belong to the library.

    Returns:
        What was written, and what was not.

    Raises:
        LibraryError: an analysis is lost or damaged.
        FilmError: the archive cannot be written.
    """
    with draft_folder(path.parent) as draft:
        with zipfile.ZipFile(draft / path.name, "w") as archive:
            writer = ArchiveWriter(archive)
            rows = _read_tables(library)
            _write_analyses(library, rows, writer)
            for member, file in _list_home_files(library, rows):
                writer.write_file(member, file)
            left_out, missing = _write_media(library, rows, writer, films)
            files = len(writer.members)
            writer.write_rows(rows)
            writer.finish()
        (draft / path.name).replace(path)
    with library.engine.begin() as connection:
        library.audit.record_action(connection, "backed up", details=path.name)
    return BackupReport(
        cuts=len(rows[CUTS.name]),
        files=files,
        size_bytes=sum(member["size_bytes"] for member in writer.members.values()),
        left_out=left_out,
        left_out_bytes=sum(map(_find_size, left_out)),
        missing=missing,
    )


def restore_library(library: Library, path: Path) -> int:
    """Put back what an archive holds, into a library without cuts; what is noted there of who did what stays.

    All of it is read and compared with its digests before anything is written, and the rows come last, at once: however
    it ends, the library is as it was in the backup, or as it was before. Jobs that were at work wait for their turn, and
    light copies are asked for again.

    Args:
        library: the library, without cuts and unfinished jobs.
        path: the archive, of this version or an earlier one.

    Returns:
        How many cuts there are now.

    Raises:
        LibraryError: the library is not empty, or the archive is damaged or of a newer version, or there is no room.
    """
    with reading(library.engine).begin() as connection:
        _check_empty(connection)
    members, rows = _read_archive(library, path)
    try:
        with ExitStack() as undo:
            with zipfile.ZipFile(path) as archive:
                _restore_files(library, archive, members, rows, undo)
            _place_rows(library, rows)
            with library.engine.begin() as connection:
                _check_empty(connection)  # Somebody may have been at work meanwhile.
                _insert_rows(library, connection, rows)
                library.audit.record_action(connection, "restored", details=path.name)
                undo.pop_all()  # If the end of the transaction fails, whether it holds is not known.
    except OSError as error:
        raise LibraryError(
            f"{str(path)!r} cannot be restored: {error.strerror or error}.", "Make room on the disk, then try again."
        ) from error
    except SQLAlchemyError as error:
        raise LibraryError(
            f"{str(path)!r} cannot be restored: the database says {first_line(error)!r}.",
            "Run `library check`, which deletes what no cut needs, then try again.",
        ) from error
    for cut in library.list_cuts():
        if cut.analysed and is_there(cut.path):
            request_needed_proxy(library, cut.id)
    return len(rows[CUTS.name])


def _read_tables(library: Library) -> Rows:
    """Read every row of every table, all of one instant."""
    with reading(library.engine).begin() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in METADATA.sorted_tables
        }


def _write_analyses(library: Library, rows: Rows, writer: ArchiveWriter) -> None:
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


def _write_media(
    library: Library, rows: Rows, writer: ArchiveWriter, films: Films
) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Write the films and subtitles that are asked for, and name them in the rows relative to the home they will lie in.

    Returns:
        Those that cuts and unfinished jobs need and that are left out, and those that are missing, each once.
    """
    left_out, missing = [], []
    needs = [(row, True) for row in rows[CUTS.name]] + [(row, row_to_job(row).needs_film) for row in rows[JOBS.name]]
    for row, is_needed in needs:
        for name in ("path", "transcript"):
            if not row[name]:
                continue
            path = Path(row[name])
            is_own = library.settings.media in path.parents
            member = f"media/{row.get('cut_id') or row['id']}/{path.name}"
            if is_own:
                member = path.relative_to(library.settings.home).as_posix()
            is_asked = not is_remote(path) and (films == "all" or (films == "own" and is_own))
            if is_needed and not is_asked:
                left_out.append(path)
            elif is_needed and not writer.write_file(member, path):
                missing.append(path)
            if is_own or member in writer.members:
                row[name] = member
    return tuple(dict.fromkeys(left_out)), tuple(dict.fromkeys(missing))


def _find_size(path: Path) -> int:
    """The size of a file in bytes; 0 where it lies behind a URL, or is gone."""
    try:
        return 0 if is_remote(path) else path.stat().st_size
    except OSError:
        return 0


def _check_empty(connection: Connection) -> None:
    """Refuse to put one library over another; jobs that have ended are none."""
    unfinished = select(func.count()).select_from(JOBS).where(JOBS.c.state.in_(UNFINISHED))
    if connection.scalar(select(func.count()).select_from(CUTS)) or connection.scalar(unfinished):
        raise LibraryError(
            "The library is not empty, and a backup is not laid over it.",
            "Set THROUGHLINE_HOME (and THROUGHLINE_DATABASE) to an empty one, or run `library purge` first.",
        )


def _read_archive(library: Library, path: Path) -> tuple[list[str], Rows]:
    """Check an archive, and read the names of its members and its rows, as rows of today's tables."""
    try:
        with zipfile.ZipFile(path) as archive:
            members, revision = check_archive(archive)
            return members, carry_rows(read_rows(archive, members), revision, library.analyses)
    except LibraryError:
        raise
    except Exception as error:  # The readers of a damaged archive raise whatever they stumble over.
        raise LibraryError(
            f"{str(path)!r} cannot be restored: {first_line(error)}.", "Nothing was changed; use another backup."
        ) from error


def _restore_files(library: Library, archive: zipfile.ZipFile, members: list[str], rows: Rows, undo: ExitStack) -> None:
    """Write the analyses, which the rows come to name, and what else belongs into the home."""
    for row in rows[CUTS.name]:
        if row["analysis"]:  # Empty where it was lost before the backup.
            row["analysis"] = library.analyses.write(row["id"], archive.read(f"analyses/{row['id']}.npz"))
            undo.callback(library.analyses.discard, row["analysis"])
    home = library.settings.home
    for member in members:
        if member.split("/")[0] in (*KEPT_FOLDERS, MODELS, library.settings.media.name):
            if not (home / member).exists():
                undo.callback(delete_path, home / member, home)
            extract_member(archive, member, home / member)


def _place_rows(library: Library, rows: Rows) -> None:
    """Have paths lead into this home, and jobs that were at work wait for their turn."""
    for row in (*rows[CUTS.name], *rows[JOBS.name]):
        for name in ("path", "transcript"):
            if row[name] and not is_remote(Path(row[name])):
                row[name] = str(library.settings.home / row[name])  # A path that is absolute stays as it is.
        if row.get("state") == "running":
            row |= {"state": "waiting", "stage": WAITING}


def _insert_rows(library: Library, connection: Connection, rows: Rows) -> None:
    """Write the rows; a job that has ended here is again what it was in the backup."""
    for row in rows[JOBS.name]:
        connection.execute(delete(JOBS).where(JOBS.c.id == row["id"]))
    for table in METADATA.sorted_tables:
        if rows[table.name] and table is not AUDIT:
            connection.execute(insert(table), rows[table.name])
    library.audit.restore_actions(connection, rows[AUDIT.name])
