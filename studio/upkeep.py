"""Looking after the library: finding what a kill or a fault left behind, mending it, and throwing everything away."""

import contextlib
import hashlib
import shutil
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete, select, text, update

from pipeline.places import is_there
from studio.database import reading
from studio.entries import CutEntry
from studio.parts import LOCKS
from studio.schema import CUTS, METADATA, OF_A_CUT
from studio.settings import MODELS
from studio.store import Library
from studio.stored_proxy import PIECES, PROXIES

GRACE_S = 3600.0
"""What is younger belongs to somebody who is still at work: a file is written before the row that names it."""

MEDIA_GRACE_S = 7 * 24 * 3600.0
"""The same for uploads, which a person may go on with days later."""

KEPT_FOLDERS = ("stills", "fingerprints", "encodings", "previews", "playback", "parts")
"""What the home holds of each cut, in a file or a folder that begins with the cut's id."""

HOME_FOLDERS = (*KEPT_FOLDERS, PROXIES, LOCKS)
"""The same with what is in no backup: light copies, which can be made again, and locks."""

UNREADABLE = "its analysis cannot be read"
"""What is said of an analysis that may come back: a disk or a network that is away is no loss."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that is not as it should be.

    Attributes:
        fault: what is wrong, in words.
        what: the file, or the cut's id and title.
        mended: what was done about it, in words; empty where nothing could be, or should be, done.
    """

    fault: str
    what: str
    mended: str


def check_library(library: Library, *, mend: bool = True, grace_s: float = GRACE_S) -> list[Finding]:
    """Find files that no row names and rows whose file is lost or damaged, and mend what can be mended.

    A cut whose analysis is lost keeps its title, version, notes, tags and decisions, and asks to be analysed again.
    A database in which nothing was ever done, or of whose analyses not one is there, is likely the wrong one, or beside
    the wrong files: then nothing is deleted or marked as lost.

    Args:
        library: the library; others may be at work on it.
        mend: whether to change anything.
        grace_s: what is younger, seconds, is left alone.

    Returns:
        What was found, mended or not.
    """
    files = library.analyses.list_files()
    cuts = library.list_cuts()
    named = {cut.analysis for cut in cuts}
    is_strange = _is_strange(library, cuts, files)
    mend = mend and not is_strange
    mended = "deleted" if mend else ""
    findings = [*_check_database(library), *_check_rows(library, cuts, mend=mend)]
    findings += _check_belongings(library, cuts, mend=mend)
    for name, at in sorted(files.items()):
        if name not in named and time.time() - at.timestamp() > grace_s:
            findings.append(Finding(fault="an analysis that no cut has", what=name, mended=mended))
            if mend:
                library.analyses.discard(name)
    for fault, path in [*_find_leftovers(library, cuts, grace_s), *_find_unowned_media(library, grace_s)]:
        findings.append(Finding(fault=fault, what=str(path), mended=mended))
        if mend:
            delete_path(path, library.settings.home)
    if is_strange and findings:
        fault = "nothing was mended: the database and these files do not belong together, see THROUGHLINE_DATABASE"
        findings.append(Finding(fault=fault, what=library.analyses.place, mended=""))
    if any(finding.mended for finding in findings):
        with library.engine.begin() as connection:
            count = sum(bool(finding.mended) for finding in findings)
            library.audit.record_action(connection, "mended", details=f"{count} things")
    return findings


def purge_library(library: Library) -> None:
    """Delete everything the library holds: cuts, uploads, jobs, decisions, notes, ratings and the audit; jobs at work stop.

    Weights that were fitted to ratings go as well: their cards name films and raters.
    """
    with library.engine.begin() as connection:
        for table in METADATA.sorted_tables:
            connection.execute(delete(table))
    for name in library.analyses.list_files():
        library.analyses.discard(name)
    for folder in (*HOME_FOLDERS, MODELS, library.settings.media.name):
        shutil.rmtree(library.settings.home / folder, ignore_errors=True)


def delete_path(path: Path, home: Path) -> None:
    """Delete a file or a folder, and the folders that are empty without it, inside the home.

    Args:
        path: what is to go; one that cannot be deleted stays.
        home: the home.
    """
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
        return
    with contextlib.suppress(OSError):  # A folder that holds something else stays.
        path.unlink(missing_ok=True)
        for folder in path.parents:
            if home not in folder.parent.parents:
                break
            folder.rmdir()


def _is_strange(library: Library, cuts: list[CutEntry], files: Collection[str]) -> bool:
    """Whether a database is likely the wrong one: nothing was ever done in it, or not one analysis of several is there."""
    if not cuts:
        return not library.audit.list_actions()
    return len(cuts) > 1 and not {cut.analysis for cut in cuts} & set(files)


def _check_database(library: Library) -> Iterator[Finding]:
    """Let SQLite look at its own file; a server looks after its own."""
    if library.engine.dialect.name != "sqlite":
        return
    with reading(library.engine).begin() as connection:
        for line in connection.execute(text("PRAGMA quick_check")).scalars():
            if line != "ok":
                yield Finding(fault="the database is damaged, restore a backup", what=line, mended="")


def _check_rows(library: Library, cuts: list[CutEntry], *, mend: bool) -> Iterator[Finding]:
    """Read the analysis of every cut, and see whether its film is still there."""
    for cut in cuts:
        what = f"{cut.id} {cut.title}"
        fault = _check_analysis(library, cut)
        if fault:
            mended = ""
            if mend and not fault.startswith(UNREADABLE) and _forget_analysis(library, cut):
                mended = "it can be analysed again"
            yield Finding(fault=fault, what=what, mended=mended)
        if not is_there(cut.path):
            yield Finding(fault=f"its film is no longer at {cut.path}", what=what, mended="")


def _check_belongings(library: Library, cuts: list[CutEntry], *, mend: bool) -> Iterator[Finding]:
    """Find decisions, notes, tags and ratings of cuts that are not there."""
    known = {cut.id for cut in cuts}
    for table in OF_A_CUT:
        with reading(library.engine).begin() as connection:
            cut_ids = set(connection.execute(select(table.c.cut_id).distinct()).scalars())
        for cut_id in sorted(cut_ids - known):
            if mend:
                with library.engine.begin() as connection:
                    connection.execute(
                        delete(table).where(table.c.cut_id == cut_id, table.c.cut_id.not_in(select(CUTS.c.id)))
                    )
            fault = f"{table.name} of a cut that is not in the library"
            yield Finding(fault=fault, what=cut_id, mended="deleted" if mend else "")


def _check_analysis(library: Library, cut: CutEntry) -> str:
    """Say what is wrong with the file of a cut's analysis; nothing if it is whole, or was replaced meanwhile."""
    if not cut.analysis:
        return ""
    fault = "its analysis is damaged"
    try:
        if hashlib.sha256(library.analyses.read(cut.analysis)).hexdigest() == cut.digest:
            return ""
    except FileNotFoundError:
        fault = "its analysis is lost"
    except OSError as error:
        return f"{UNREADABLE}: {error.strerror or error}"
    now = {entry.id: entry.analysis for entry in library.list_cuts()}
    return fault if now.get(cut.id) == cut.analysis else ""


def _forget_analysis(library: Library, cut: CutEntry) -> bool:
    """Note that a cut's analysis is lost, unless it has another by now."""
    with library.engine.begin() as connection:
        row = update(CUTS).where(CUTS.c.id == cut.id, CUTS.c.analysis == cut.analysis)
        done = connection.execute(row.values(analysis="")).rowcount == 1
    if done:
        library.analyses.discard(cut.analysis)
    return done


def _find_leftovers(library: Library, cuts: list[CutEntry], grace_s: float) -> Iterator[tuple[str, Path]]:
    """Find what the home holds of cuts that are gone, of analyses that are complete, and of writes that broke off."""
    known = {cut.id for cut in cuts}
    complete = {cut.id for cut in cuts if cut.analysed}
    at_work = {job.cut_id for job in library.jobs.list_jobs() if job.needs_film}
    for folder in HOME_FOLDERS:
        for path in sorted((library.settings.home / folder).glob("*")):
            cut_id, _, suffix = path.name.partition(".")
            if cut_id in at_work or time.time() - _find_change_s(path) <= grace_s:
                continue
            if path.suffix[1:].isdecimal():
                yield "a file that was not written to its end", path
            elif folder == PROXIES and suffix == PIECES:
                yield "pieces of a light copy that nobody makes", path
            elif folder == PROXIES and path != library.find_proxy(cut_id).path:
                yield "a light copy of another version", path
            elif folder == "parts" and cut_id in complete:
                yield "parts of an analysis that is complete", path
            elif folder != "parts" and cut_id not in known:
                yield f"{folder} of a cut that is not in the library", path


def _find_unowned_media(library: Library, grace_s: float) -> Iterator[tuple[str, Path]]:
    """Find uploads that neither a cut nor a job at work needs."""
    jobs = [job for job in library.jobs.list_jobs() if job.needs_film]
    owned = {path for job in jobs for path in (job.path, job.transcript)}
    owned |= {path for cut in library.list_cuts() for path in (cut.path, cut.transcript)}
    grace_s = MEDIA_GRACE_S if grace_s == GRACE_S else grace_s
    for path in sorted(library.settings.media.rglob("*")):
        if path.is_file() and path not in owned and time.time() - _find_change_s(path) > grace_s:
            yield "an upload that no cut has", path


def _find_change_s(path: Path) -> float:
    """When a file, or the latest in a folder, was written, seconds since 1970; now, if it is gone."""
    try:
        files = [each for each in path.rglob("*") if each.is_file()]
        return max(each.stat().st_mtime for each in files or [path])
    except OSError:
        return time.time()
