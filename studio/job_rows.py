"""The jobs of the library: a row each, all that is known of it, and the uploads that were made for them."""

import contextlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, RowMapping, Select, delete, insert, select, update

from pipeline.errors import LibraryError
from pipeline.places import is_there
from pipeline.types import Progress
from studio.database import reading
from studio.entries import (
    ANALYSIS,
    PREVIEW,
    PROXY,
    UNFINISHED,
    USUAL,
    WAITING,
    JobEntry,
    check_text,
    instant_as_text,
    now_as_text,
    path_to_text,
    row_to_job,
)
from studio.parts import Parts
from studio.schema import CUTS, JOBS
from studio.settings import Settings
from studio.stored_proxy import StoredProxy

BEGINNING: Mapping[str, Any] = {"done": 0.0, "position_s": 0.0, "stage_at": None, "stage_from_s": 0.0}
"""Where a job stands that has not begun."""


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
        kind: str = ANALYSIS,
        cut_id: str | None = None,
        template: str | None = None,
        priority: int = USUAL,
    ) -> JobEntry:
        """Note that something is to be done with a film.

        Args:
            path: the media file.
            title: what to call the cut; empty for the file's own name.
            transcript: its subtitle file.
            kind: what is to be done: `ANALYSIS`, `TRAILER` or `PROXY`.
            cut_id: the cut, where it is known.
            template: which trailer of the cut is to be rendered.
            priority: what has more goes first.

        Raises:
            LibraryError: the title or a path is not valid Unicode.
        """
        job_id, now = secrets.token_hex(8), now_as_text()
        row: dict[str, Any] = {
            "title": check_text(title),
            "path": path_to_text(path),
            "transcript": path_to_text(transcript),
        }
        row |= {
            "kind": kind,
            "cut_id": cut_id,
            "template": template,
            "priority": priority,
            "person": self._settings.person,
        }
        row |= {"state": "waiting", "stage": WAITING, "message": "", "hint": "", "added_at": now, "updated_at": now}
        with self._engine.begin() as connection:
            connection.execute(insert(JOBS).values(id=job_id, **BEGINNING, cancel_asked=False, can_retry=False, **row))
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

    def list_waiting(self) -> list[JobEntry]:
        """The jobs that wait, in the order in which they are to begin."""
        order = (JOBS.c.priority.desc(), JOBS.c.added_at, JOBS.c.id)
        return [row_to_job(row) for row in self._read(select(JOBS).where(JOBS.c.state == "waiting").order_by(*order))]

    def start_job(self, job_id: str) -> bool:
        """Note that work begins, from the beginning; False where the job does not wait: it is not to be run."""
        values = {"state": "running", "stage": "Starting", "started_at": now_as_text(), **BEGINNING}
        return self._change_job(job_id, states=("waiting",), **values)

    def report_job(self, job_id: str, progress: Progress, *, is_new_stage: bool = False) -> bool:
        """Note how far a job has come; False once it has ended."""
        values: dict[str, Any] = {"stage": progress.stage, "done": progress.done, "position_s": progress.position_s}
        if progress.done == 0:
            values["started_at"] = now_as_text()  # Opening a film says nothing of the pace at which it is read.
        if is_new_stage:
            values |= {"stage_at": now_as_text(), "stage_from_s": progress.position_s}
        return self._change_job(job_id, states=("running",), **values)

    def wait_again(self, job_id: str, stage: str) -> bool:
        """Put a job whose work broke off back into the queue, saying why; False if it had ended before."""
        return self._change_job(job_id, states=("running",), state="waiting", stage=stage)

    def explain_wait(self, stages: Mapping[str, str]) -> None:
        """Note of jobs what they wait for, of each its own, by its id; of one that waits no more nothing."""
        with self._engine.begin() as connection:
            for job_id, stage in stages.items():
                still = (JOBS.c.id == job_id) & (JOBS.c.state == "waiting")
                connection.execute(update(JOBS).where(still).values(stage=stage))

    def raise_job(self, job_id: str) -> bool:
        """Put a job before all others; False if it has ended."""
        most = max((job.priority for job in self.list_jobs() if job.state in UNFINISHED), default=0)
        return self._change_job(job_id, priority=max(most, PREVIEW) + 1)

    def retry_job(self, job_id: str) -> None:
        """Have a job that failed or was cancelled tried again.

        Raises:
            LibraryError: it is still at work, is done, or its film is not there any more.
        """
        job = self.find_job(job_id)
        if not is_there(job.path):
            raise LibraryError(f"The film {str(job.path)!r} is not there any more.", "Add it again.")
        again: dict[str, Any] = {"state": "waiting", "stage": WAITING, "message": "", "hint": ""}
        again |= {"cancel_asked": False, "can_retry": False, **BEGINNING}
        ended = ("failed", "cancelled")
        if not self._change_job(job_id, states=ended, **again):
            raise LibraryError(f"The job {job_id} is {job.state}.", "Only what failed or was cancelled is tried again.")

    def name_job_cut(self, job_id: str, cut_id: str) -> bool:
        """Note which cut a job's film turned out to be; False once the job has ended."""
        return self._change_job(job_id, cut_id=cut_id)

    def finish_job(self, job_id: str, cut_id: str) -> bool:
        """Note that a job's cut is in the library; False if the job had ended before."""
        return self._change_job(job_id, state="done", stage="Done", done=1.0, cut_id=cut_id)

    def fail_job(self, job_id: str, message: str, hint: str, *, can_retry: bool = False) -> bool:
        """Note what went wrong with a job, and what to do about it; False if the job had ended before.

        Args:
            job_id: the job.
            message: what went wrong.
            hint: what to do about it.
            can_retry: whether the reason may go; then its upload is kept until the job is tried again or forgotten.
        """
        words: dict[str, Any] = {"message": message, "hint": hint, "can_retry": can_retry}
        return self._change_job(job_id, state="failed", stage="Failed", **words)

    def end_cancelled_job(self, job_id: str) -> bool:
        """Note that a worker has stopped because a person asked it to; False if the job does not run any more."""
        return self._change_job(job_id, states=("running",), state="cancelled", stage="Cancelled")

    def ask_cancel(self, job_id: str) -> bool:
        """Ask for a job to be stopped: at once while it waits, its upload deleted; at its next report while it runs.

        Returns:
            False if it had ended before.
        """
        ended = {"state": "cancelled", "stage": "Cancelled", "cancel_asked": True}
        if self._change_job(job_id, states=("waiting",), **ended):
            self.discard_job_media(self.find_job(job_id))
            self.discard_job_work(job_id)
            return True
        return self._change_job(job_id, cancel_asked=True)

    def is_cancel_asked(self, job_id: str) -> bool:
        """Whether a person asked for a job to be stopped; also True once it is gone."""
        rows = self._read(select(JOBS.c.cancel_asked).where(JOBS.c.id == job_id))
        return not rows or bool(rows[0]["cancel_asked"])

    def forget_job(self, job_id: str) -> None:
        """Take a job that has ended off the list, with what was kept of a film that did not come to be analysed."""
        job = next((job for job in self.list_jobs() if job.id == job_id and job.state not in UNFINISHED), None)
        if job is None:
            return
        self.discard_job_work(job_id)
        with self._engine.begin() as connection:
            connection.execute(delete(JOBS).where(JOBS.c.id == job_id, JOBS.c.state.not_in(UNFINISHED)))
        self.discard_job_media(job)

    def forget_old(self, before: datetime) -> None:
        """Take jobs off the list that ended well, or were cancelled, before an instant; what failed waits to be read."""
        old = JOBS.c.state.in_(("done", "cancelled")) & (JOBS.c.updated_at < instant_as_text(before))
        with self._engine.begin() as connection:
            connection.execute(delete(JOBS).where(old))

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
            needed = JOBS.c.state.in_(UNFINISHED) | ((JOBS.c.state == "failed") & JOBS.c.can_retry)
            if (
                connection.execute(jobs.where(needed)).first() is not None
                or connection.execute(cuts).first() is not None
            ):
                return
        with contextlib.suppress(OSError):  # A file that is open elsewhere, or gone, is no reason to fail.
            path.unlink(missing_ok=True)
            path.parent.rmdir()

    def discard_job_media(self, job: JobEntry) -> None:
        """Delete what was uploaded for a job that has ended, as far as no cut has come to own it."""
        for path in (job.path, job.transcript):
            if path is not None:
                self.discard_media(path)

    def discard_job_work(self, job_id: str) -> None:
        """Delete what a job has made so far, unless another job of its kind is at work on the same cut."""
        job = self.find_job(job_id)
        if job.cut_id is not None:
            self.discard_work(job_id, job.kind, job.cut_id)

    def discard_work(self, job_id: str, kind: str, cut_id: str) -> None:
        """Delete what a job, which may have gone, has made of a cut; the same."""
        others = [other for other in self.list_jobs() if other.id != job_id and other.state in UNFINISHED]
        if any((other.kind, other.cut_id) == (kind, cut_id) for other in others):
            return
        if kind == ANALYSIS:
            Parts(self._settings, cut_id).discard_unless_held()
        elif kind == PROXY:
            StoredProxy(self._settings, cut_id).discard_pieces()

    def drop_cut(self, cut_id: str) -> None:
        """Let go of what is made of a cut that is being removed: what runs is asked to stop, the rest is taken off the list.

        Of analyses, those that have ended stay on it.
        """
        made = JOBS.c.cut_id == cut_id
        gone = (JOBS.c.state == "waiting") | ((JOBS.c.kind != ANALYSIS) & (JOBS.c.state != "running"))
        with self._engine.begin() as connection:
            dropped = [row_to_job(row) for row in connection.execute(select(JOBS).where(made, gone)).mappings()]
            connection.execute(delete(JOBS).where(JOBS.c.id.in_([job.id for job in dropped])))
            connection.execute(update(JOBS).where(made, JOBS.c.state == "running").values(cancel_asked=True))
        for job in dropped:
            self.discard_job_media(job)

    def _read(self, statement: Select[Any]) -> list[RowMapping]:
        """Run a query in a transaction that only reads."""
        with reading(self._engine).begin() as connection:
            return list(connection.execute(statement).mappings())

    def _change_job(self, job_id: str, *, states: Sequence[str] = UNFINISHED, **values: Any) -> bool:
        """Change a job if it is in one of some states, and say whether it was."""
        statement = update(JOBS).where(JOBS.c.id == job_id, JOBS.c.state.in_(states))
        with self._engine.begin() as connection:
            return connection.execute(statement.values(updated_at=now_as_text(), **values)).rowcount == 1
