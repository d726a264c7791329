"""The jobs of the library: a row each, all that is known of it, and the uploads that were made for them."""

import contextlib
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, RowMapping, Select, delete, insert, select, update

from pipeline.errors import LibraryError
from pipeline.types import Progress
from studio.database import reading
from studio.entries import UNFINISHED, JobEntry, check_text, now_as_text, path_to_text, row_to_job
from studio.parts import Parts
from studio.schema import CUTS, JOBS
from studio.settings import Settings


class JobRows:
    """The jobs. Each call is one transaction; what has ended stays as it ended.

    Args:
        engine: the library's database.
        settings: this machine's settings, which say which media the library owns.
    """

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._settings = settings

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
        job_id, now = secrets.token_hex(8), now_as_text()
        row = {"title": check_text(title), "path": path_to_text(path), "transcript": path_to_text(transcript)}
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
        now = now_as_text()
        return self._change_job(job_id, state="running", stage="Starting", done=0.0, position_s=0.0, started_at=now)

    def report_job(self, job_id: str, progress: Progress) -> bool:
        """Note how far a job has come; False once it has ended."""
        values: dict[str, Any] = {"stage": progress.stage, "done": progress.done, "position_s": progress.position_s}
        if progress.done == 0:
            values["started_at"] = now_as_text()  # Loading models says nothing of the pace at which a film is read.
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
        with reading(self._engine).begin() as connection:
            unfinished = connection.execute(jobs.where(JOBS.c.state.in_(UNFINISHED))).first()
            if unfinished is not None or connection.execute(cuts).first() is not None:
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
            Parts(self._settings, cut_id).discard()

    def _read(self, statement: Select[Any]) -> list[RowMapping]:
        """Run a query in a transaction that only reads."""
        with reading(self._engine).begin() as connection:
            return list(connection.execute(statement).mappings())

    def _change_job(self, job_id: str, *, states: Sequence[str] = UNFINISHED, **values: Any) -> bool:
        """Change a job if it is in one of some states, and say whether it was."""
        statement = update(JOBS).where(JOBS.c.id == job_id, JOBS.c.state.in_(states))
        with self._engine.begin() as connection:
            return connection.execute(statement.values(updated_at=now_as_text(), **values)).rowcount == 1
