"""The library: every analysed cut and every job, in one database that several processes share."""

import contextlib
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, Select, delete, insert, select, update

from pipeline.errors import LibraryError
from pipeline.streams.start_timecode import check_start_timecode
from pipeline.types import Analysis, Progress
from studio.blob import FORMAT, analysis_to_bytes, bytes_to_analysis
from studio.decisions import Decisions
from studio.entries import UNFINISHED, CutEntry, JobEntry, row_to_cut, row_to_job
from studio.fingerprints import StoredFingerprint
from studio.parts import Parts
from studio.previews import Previews
from studio.schema import CUTS, DECISIONS, JOBS, open_engine, reading
from studio.settings import Settings
from studio.stills import Stills

UNPACKED = 8
"""So many analyses a process keeps unpacked: every view of a page asks for the one that is open."""


class Library:
    """Every analysed cut and every job; threads may share one, and processes may each have their own.

    Args:
        engine: the database.
        settings: this machine's settings, which say which media the library owns.
    """

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._settings = settings
        self.decisions = Decisions(engine)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def list_cuts(self) -> list[CutEntry]:
        """Every cut, the newest first."""
        columns = [column for column in CUTS.columns if column is not CUTS.c.analysis]
        rows = self._read(select(*columns).order_by(CUTS.c.added_at.desc(), CUTS.c.id))
        return [row_to_cut(row) for row in rows]

    def find_cut(self, cut_id: str) -> CutEntry:
        """Find one cut.

        Args:
            cut_id: its id, or the beginning of it as far as no other id begins like that.

        Raises:
            LibraryError: no cut, or more than one, has such an id.
        """
        matches = [entry for entry in self.list_cuts() if cut_id and entry.id.startswith(cut_id)]
        exact = [entry for entry in matches if entry.id == cut_id]
        if len(exact or matches) != 1:
            fault = f"{len(matches)} cuts have an id that begins with" if matches else "no cut has the id"
            raise LibraryError(f"In the library, {fault} {cut_id!r}.", "List the cuts to see their ids.")
        return (exact or matches)[0]

    def load_analysis(self, cut_id: str) -> Analysis:
        """Load the analysis of a cut, exactly as it was saved.

        Args:
            cut_id: as in `find_cut`.

        Raises:
            LibraryError: there is no such cut, or this version of the program cannot read its analysis.
        """
        entry = self.find_cut(cut_id)
        rows = self._read(select(CUTS.c.analysis).where(CUTS.c.id == entry.id))
        if not rows:
            raise LibraryError(f"{entry.title!r} was just removed from the library.", "Analyse its film again.")
        try:
            return _unpack_analysis(rows[0]["analysis"])
        except ValueError as error:
            raise LibraryError(
                f"The analysis of {entry.title!r} cannot be read: {str(error).rstrip('.')}.", "Analyse its film again."
            ) from error

    def load_latest(self, cut_id: str) -> Analysis:
        """Load the analysis of a cut, or the draft of one that is still on its way.

        Args:
            cut_id: as in `find_cut`; whole for a draft.

        Raises:
            LibraryError: there is neither.
        """
        try:
            return self.load_analysis(cut_id)
        except LibraryError:
            draft = self.find_parts(cut_id).load_draft()
            if draft is None:
                raise
            return draft

    def find_parts(self, cut_id: str) -> Parts:
        """Return where the finished parts of a cut's analysis are kept until it is complete."""
        return Parts(self._settings, cut_id)

    def find_stills(self, cut_id: str) -> Stills:
        """Return the stills of a cut, or where they will be."""
        return Stills(self._settings, cut_id)

    def find_previews(self, cut_id: str) -> Previews:
        """Return the previews of a cut's trailers, or where they will be."""
        return Previews(self._settings, cut_id)

    def find_fingerprint(self, cut_id: str) -> StoredFingerprint:
        """Return what a cut is known again by, or where it will be."""
        return StoredFingerprint(self._settings, cut_id)

    def find_film(self, cut_id: str) -> Path:
        """Return the media file of a cut, or of one that is still being analysed.

        Args:
            cut_id: the cut's whole id.

        Raises:
            LibraryError: there is no such cut.
        """
        job = next((job for job in self.list_jobs() if job.state in UNFINISHED and job.cut_id == cut_id), None)
        known = any(cut.id == cut_id for cut in self.list_cuts())
        return job.path if job is not None and not known else self.find_cut(cut_id).path

    def save_analysis(self, analysis: Analysis) -> None:
        """Save an analysis, whole or not at all; it replaces an older one of the same cut.

        Args:
            analysis: what to save.

        Raises:
            LibraryError: the title or a path is not valid Unicode.
        """
        cut = analysis.cut
        row = {
            "title": _check_text(cut.title),
            "path": _path_to_text(cut.path),
            "transcript": _path_to_text(cut.transcript_path),
            "duration_s": float(cut.duration_s),
            "streams": ",".join(cut.streams),
            "format": FORMAT,
            "analysis": analysis_to_bytes(analysis),
        }
        with self._engine.begin() as connection:
            replaced = _select_media(connection, cut.cut_id)
            if not connection.execute(update(CUTS).where(CUTS.c.id == cut.cut_id).values(row)).rowcount:
                connection.execute(insert(CUTS).values(id=cut.cut_id, added_at=_now(), **row))
        for path in replaced:
            self.discard_media(path)

    def set_start_timecode(self, cut_id: str, timecode: str) -> None:
        """Give a cut another start timecode; everything else of its analysis stays.

        Args:
            cut_id: as in `find_cut`.
            timecode: the label of its first frame, `HH:MM:SS:FF`, or `HH:MM:SS;FF` for drop-frame.

        Raises:
            LibraryError: as `load_analysis`.
            TimecodeError: the cut's rate never shows such a label.
        """
        analysis = self.load_analysis(cut_id)
        start = check_start_timecode(timecode, analysis.cut.timecode_rate)
        block = analysis_to_bytes(replace(analysis, cut=replace(analysis.cut, start_timecode=start)))
        with self._engine.begin() as connection:
            # Not saved as a new analysis: a cut that was removed meanwhile must not come back.
            connection.execute(update(CUTS).where(CUTS.c.id == analysis.cut.cut_id).values(analysis=block))

    def remove_cut(self, cut_id: str) -> None:
        """Forget a cut, and delete its media where they were uploaded; a file anywhere else is never touched.

        Args:
            cut_id: as in `find_cut`.

        Raises:
            LibraryError: there is no such cut.
        """
        entry = self.find_cut(cut_id)
        with self._engine.begin() as connection:
            removed = _select_media(connection, entry.id)
            connection.execute(delete(CUTS).where(CUTS.c.id == entry.id))
            connection.execute(delete(DECISIONS).where(DECISIONS.c.cut_id == entry.id))
        for path in removed:
            self.discard_media(path)
        self.find_parts(entry.id).discard()
        self.find_stills(entry.id).discard()
        self.find_previews(entry.id).discard()
        self.find_fingerprint(entry.id).discard()

    def discard_media(self, path: Path) -> None:
        """Delete an uploaded file that no cut and no job at work needs; a file anywhere else is never touched.

        Args:
            path: the file.
        """
        if self._settings.media not in path.parents or ".." in path.parts:
            return
        text = str(path)
        cuts = select(CUTS.c.id).where((CUTS.c.path == text) | (CUTS.c.transcript == text))
        jobs = select(JOBS.c.id).where((JOBS.c.path == text) | (JOBS.c.transcript == text))
        if self._read(cuts) or self._read(jobs.where(JOBS.c.state.in_(UNFINISHED))):
            return
        with contextlib.suppress(OSError):  # A file that is open elsewhere, or gone, is no reason to fail.
            path.unlink(missing_ok=True)
            path.parent.rmdir()

    def discard_job_media(self, job: JobEntry) -> None:
        """Delete what was uploaded for a job that has ended, as far as no cut has come to own it."""
        for path in (job.path, job.transcript):
            if path is not None:
                self.discard_media(path)

    def discard_job_parts(self, job_id: str) -> None:
        """Delete what was read of a job's film, unless another job is at work on it."""
        cut_id = self.find_job(job_id).cut_id
        others = [job for job in self.list_jobs() if job.id != job_id and job.state in UNFINISHED]
        if cut_id is not None and all(job.cut_id != cut_id for job in others):
            self.find_parts(cut_id).discard()

    def add_job(
        self,
        path: Path,
        title: str,
        transcript: Path | None = None,
        *,
        cut_id: str | None = None,
        template: str | None = None,
    ) -> JobEntry:
        """Note that a film is to be analysed, or a trailer of a cut rendered.

        Args:
            path: the media file.
            title: what to call the cut; empty for the file's own name.
            transcript: its subtitle file.
            cut_id: the cut, where it is known.
            template: which trailer of the cut is to be rendered; None for an analysis.

        Raises:
            LibraryError: the title or a path is not valid Unicode.
        """
        job_id, now = secrets.token_hex(8), _now()
        row = {"title": _check_text(title), "path": _path_to_text(path), "transcript": _path_to_text(transcript)}
        row |= {"cut_id": cut_id, "template": template}
        row |= {"state": "waiting", "stage": "Waiting", "message": "", "hint": "", "added_at": now, "updated_at": now}
        with self._engine.begin() as connection:
            connection.execute(insert(JOBS).values(id=job_id, done=0.0, position_s=0.0, cancel_asked=False, **row))
        return self.find_job(job_id)

    def list_jobs(self) -> list[JobEntry]:
        """Every job, the newest first."""
        return [row_to_job(row) for row in self._read(select(JOBS).order_by(JOBS.c.added_at.desc(), JOBS.c.id))]

    def find_job(self, job_id: str) -> JobEntry:
        """Find one job by its id; LibraryError if there is none."""
        rows = self._read(select(JOBS).where(JOBS.c.id == job_id))
        if not rows:
            raise LibraryError(f"There is no job {job_id!r}.", "Look at the list of jobs.")
        return row_to_job(rows[0])

    def start_job(self, job_id: str) -> bool:
        """Note that a worker begins, from the beginning; False where the job has ended already and is not to be run."""
        now = _now()
        return self._change_job(job_id, state="running", stage="Starting", done=0.0, position_s=0.0, started_at=now)

    def report_job(self, job_id: str, progress: Progress) -> bool:
        """Note how far a job has come; False once it has ended."""
        values: dict[str, Any] = {"stage": progress.stage, "done": progress.done, "position_s": progress.position_s}
        if progress.done == 0:
            values["started_at"] = _now()  # Loading models says nothing of the pace at which a film is read.
        return self._change_job(job_id, **values)

    def name_job_cut(self, job_id: str, cut_id: str) -> bool:
        """Note which cut a job's film turned out to be; False once the job has ended."""
        return self._change_job(job_id, cut_id=cut_id)

    def finish_job(self, job_id: str, cut_id: str) -> bool:
        """Note that a job's cut is in the library; False if the job had ended before."""
        return self._change_job(job_id, state="done", stage="Done", done=1.0, cut_id=cut_id)

    def fail_job(self, job_id: str, message: str, hint: str) -> bool:
        """Note what went wrong with a job, and what to do about it; False if the job had ended before."""
        return self._change_job(job_id, state="failed", stage="Failed", message=message, hint=hint)

    def end_cancelled_job(self, job_id: str) -> bool:
        """Note that a worker has stopped because a person asked it to; False if the job had ended before."""
        return self._change_job(job_id, state="cancelled", stage="Cancelled")

    def ask_cancel(self, job_id: str) -> None:
        """Ask for a job to be stopped: at once while it waits, its upload deleted; at its next report while it runs."""
        ended = {"state": "cancelled", "stage": "Cancelled", "cancel_asked": True}
        if self._change_job(job_id, states=("waiting",), **ended):
            self.discard_job_media(self.find_job(job_id))
            self.discard_job_parts(job_id)
        else:
            self._change_job(job_id, cancel_asked=True)

    def is_cancel_asked(self, job_id: str) -> bool:
        """Whether a person asked for a job to be stopped; also True once it is gone."""
        rows = self._read(select(JOBS.c.cancel_asked).where(JOBS.c.id == job_id))
        return not rows or bool(rows[0]["cancel_asked"])

    def forget_job(self, job_id: str) -> None:
        """Take a job that has ended off the list, with what was read of a film that did not come to be analysed."""
        if any(job.id == job_id and job.state not in UNFINISHED for job in self.list_jobs()):
            self.discard_job_parts(job_id)
        with self._engine.begin() as connection:
            connection.execute(delete(JOBS).where(JOBS.c.id == job_id, JOBS.c.state.not_in(UNFINISHED)))

    def _read(self, statement: Select[Any]) -> list[RowMapping]:
        """Run a query in a transaction that only reads."""
        with reading(self._engine).begin() as connection:
            return list(connection.execute(statement).mappings())

    def _change_job(self, job_id: str, *, states: Sequence[str] = UNFINISHED, **values: Any) -> bool:
        """Change a job if it is in one of some states, and say whether it was."""
        statement = update(JOBS).where(JOBS.c.id == job_id, JOBS.c.state.in_(states))
        with self._engine.begin() as connection:
            return connection.execute(statement.values(updated_at=_now(), **values)).rowcount == 1


def open_library(settings: Settings) -> Library:
    """Open this machine's library, making the home and an empty database where they are missing.

    Args:
        settings: this machine's settings.

    Raises:
        LibraryError: it cannot be opened.
    """
    try:
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise LibraryError(
            f"The home {settings.home} cannot be made: {error.strerror}.",
            "Set THROUGHLINE_HOME to a folder you may write to.",
        ) from error
    return Library(open_engine(settings.database), settings)


@lru_cache(maxsize=UNPACKED)
def _unpack_analysis(block: bytes) -> Analysis:
    """Unpack an analysis, once for as long as it is among the last ones that were asked for; it is frozen."""
    return bytes_to_analysis(block)


def _select_media(connection: Connection, cut_id: str) -> list[Path]:
    """The film and the transcript of a cut; empty if there is no such cut."""
    rows = connection.execute(select(CUTS.c.path, CUTS.c.transcript).where(CUTS.c.id == cut_id))
    return [Path(path) for row in rows for path in row if path]


def _now() -> str:
    """The time, UTC, as the database keeps it: ISO 8601 with microseconds, so that text order is time order."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _path_to_text(path: Path | None) -> str | None:
    """Write a path as the database keeps it: absolute, because another process may have another working folder."""
    return None if path is None else _check_text(str(path.absolute()))


def _check_text(text: str) -> str:
    """Refuse text that no database can keep, such as a file name in a legacy encoding."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise LibraryError(f"{text!a} is not valid Unicode.", "Rename the file, and give it a plain title.") from error
    return text
