"""One job from its beginning to its end: this process keeps its truth in the database, the workers do the work."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from pipeline.errors import (
    Cancelled,
    FileUnreadable,
    FilmError,
    LibraryError,
    MediaDamaged,
    MediaError,
    SchedulerLost,
)
from pipeline.places import is_remote, is_there
from pipeline.proxy import STAGE
from pipeline.types import Cut, Progress, Report
from studio.analysing import analyse_once
from studio.choices import list_spoilers
from studio.cluster import LOOK_S, Cluster
from studio.cluster_crew import ClusterCrew
from studio.database import is_away
from studio.entries import ANALYSIS, NO_SCHEDULER, PROXY, TRAILER, WAITING, JobEntry
from studio.files import FULL, is_full
from studio.folder import write_files
from studio.proxies import request_needed_proxy
from studio.store import Library
from studio.stored_proxy import StoredProxy

REPORT_INTERVAL_S = 0.25
"""How often a stage's progress goes to the database at most, and how soon a request to cancel is seen."""

BUG = ("Something went wrong inside the program.", "The log of the program says what; please report it.")

RETRY_INTERVAL_S = 2.0
"""How often it is tried again to write what came of a job while a disk is full or the database is away."""

logger = logging.getLogger(__name__)


class Closing(Exception):  # It is no error: the program stops, and the job goes on when it starts again.
    """The program is about to end."""


class Claims:
    """Which cuts are being worked on: a job whose film turns out to be the same waits for the one before it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._held: set[str] = set()

    @contextmanager
    def hold(self, cut_id: str, watch: Callable[[], None]) -> Iterator[None]:
        """Wait until nobody works on a cut, and keep others from it.

        Args:
            cut_id: the cut.
            watch: called again and again while it is waited for; whatever it raises ends that.
        """
        with self._changed:
            while cut_id in self._held:
                watch()
                self._changed.wait(LOOK_S)
            self._held.add(cut_id)
        try:
            yield
        finally:
            with self._changed:
                self._held.remove(cut_id)
                self._changed.notify_all()


class JobRun:
    """Runs one job; nothing is raised and nothing returned, for whatever comes of it is written to the database.

    Args:
        library: the library.
        job: the job, which has been started.
        cluster: the workers.
        claims: which cuts are being worked on.
        closing: set when the program is about to end; the job is left as it is then.
    """

    def __init__(
        self, library: Library, job: JobEntry, cluster: Cluster, *, claims: Claims, closing: threading.Event
    ) -> None:
        self._library, self._job, self._cluster = library, job, cluster
        self._claims, self._closing = claims, closing
        self._crew = ClusterCrew(cluster, find_priority=self._find_priority, check=self._check)
        self._connection = cluster.connection
        self._looked_s = 0.0

    def run(self) -> None:
        """Run it."""
        try:
            self._run_to_an_end()
        except Closing:
            return
        except Exception:
            logger.exception("Job %s could not be brought to its end", self._job.id)
            self._write(lambda: self._library.jobs.fail_job(self._job.id, *BUG, can_retry=True))
            return
        # Whatever no cut has come to own: a failed or cancelled upload, or a second copy of a known film.
        self._library.jobs.discard_job_media(self._job)

    def _run_to_an_end(self) -> None:
        """Run it, and write what came of it."""
        jobs, job = self._library.jobs, self._job
        try:
            work = {ANALYSIS: self._analyse, TRAILER: self._render, PROXY: self._make_proxy}[job.kind]
            cut_id = work()
            self._write(lambda: jobs.finish_job(job.id, cut_id))
            if job.kind == ANALYSIS:
                request_needed_proxy(self._library, cut_id)  # The analysis is safe by now.
        except Closing:
            raise
        except Cancelled:
            # If it had ended before, its film may be on its way again.
            self._end_cancelled()
        except Exception as error:
            if self._write(lambda: jobs.is_cancel_asked(job.id)):  # A cut that is removed is deleted under the work.
                self._end_cancelled()
                return
            if isinstance(error, FilmError):
                self._fail(error)
                return
            if is_full(error):
                self._fail(LibraryError(*FULL))
                return
            if is_away(error):  # It is there again by now.
                logger.warning("Job %s waits again, for the database was away: %s", job.id, error)
                self._write(lambda: jobs.wait_again(job.id, WAITING))
                return
            logger.exception("Job %s broke off", job.id)
            self._fail(LibraryError(*BUG))

    def _fail(self, error: FilmError) -> None:
        """Write what went wrong; without a scheduler it is only put off."""
        jobs, job = self._library.jobs, self._job
        if isinstance(error, SchedulerLost):
            self._cluster.note_loss(self._connection)
            self._write(lambda: jobs.wait_again(job.id, NO_SCHEDULER))
            return
        hint = error.hint
        if isinstance(error, FileUnreadable) and not self._cluster.is_local and is_there(job.path):
            hint = f"The workers do not see it: let them read {str(job.path.parent)!r} under the same path."
        # What is no film today will be none tomorrow; but networks and disks come back.
        can_retry = not isinstance(error, MediaError) or isinstance(error, FileUnreadable) or is_remote(job.path)
        self._write(lambda: jobs.fail_job(job.id, error.message, hint, can_retry=can_retry))

    def _end_cancelled(self) -> None:
        """Write that the work was stopped, and delete what was made, once no other job is at work on it."""
        jobs, job = self._library.jobs, self._job
        # If it had ended before, its film may be on its way again; of a job that is gone nothing is known any more.
        if not self._write(lambda: jobs.end_cancelled_job(job.id)):
            return
        cut_id = next((row.cut_id for row in jobs.list_jobs() if row.id == job.id), None)
        if cut_id is None or job.kind == TRAILER:
            return

        def wait() -> None:
            if self._closing.is_set():
                raise Closing

        with self._claims.hold(cut_id if job.kind == ANALYSIS else _claim_proxy(cut_id), wait):
            jobs.discard_work(job.id, job.kind, cut_id)

    def _write(self, write: Callable[[], bool]) -> bool:
        """Write the end of the job, even if there is no room for it yet, or the database is away for a while."""
        while True:
            try:
                return write()
            except (SQLAlchemyError, OSError) as error:
                if not is_full(error) and not is_away(error):
                    raise
                logger.warning("What came of job %s cannot be written: %s", self._job.id, error)
            if self._closing.wait(RETRY_INTERVAL_S):
                raise Closing

    def _analyse(self) -> str:
        """Analyse and save the job's film, unless it is known already, and return the cut's id."""
        library, job = self._library, self._job
        report = self._make_report()

        def follow(cut: Cut) -> None:
            library.jobs.name_job_cut(job.id, cut.cut_id)

        analysis = analyse_once(
            library,
            job.path,
            crew=self._crew,
            title=job.title,
            transcript=job.transcript,
            report=report,
            follow=follow,
            claim=self._claims.hold,
        )
        return analysis.cut.cut_id

    def _make_proxy(self) -> str:
        """Make a light copy of the job's film for players, and return the cut's id."""
        library, cut_id = self._library, str(self._job.cut_id)
        stored = library.find_proxy(cut_id)
        with self._claims.hold(_claim_proxy(cut_id), self._check):
            cut = library.load_analysis(cut_id).cut
            if stored.read_playback() is None:  # An earlier version analysed it.
                stored.note_playback(self._crew.judge_playback(cut.path))
            if stored.find() is None:
                self._make_pieces(cut, stored)
            if all(cut.id != cut_id for cut in library.list_cuts()):  # It was removed meanwhile.
                stored.discard()
                raise Cancelled
        return cut_id

    def _make_pieces(self, cut: Cut, stored: StoredProxy) -> None:
        """Make the pieces of a light copy that are missing, and join all."""
        report, duration_s = self._make_report(), float(cut.duration_s)
        state = self._crew.describe_film(cut.path)
        pieces = self._crew.plan_proxy(cut)
        missing = [piece for piece in pieces if not stored.has_piece(piece)]
        missing_s = duration_s * len(missing) / len(pieces)

        def tell(seconds: float) -> None:
            seconds = min(seconds, missing_s)
            done = seconds / missing_s if missing else 1.0
            report(Progress(stage=STAGE, done=done, position_s=duration_s - missing_s + seconds))

        tell(0.0)
        for piece, block in self._crew.make_proxy_pieces(cut, missing, tell):
            stored.save_piece(piece, block)
        if self._crew.describe_film(cut.path) != state:
            stored.discard_pieces()
            raise LibraryError(f"The film of {cut.title!r} was changed while it was copied.", "Add the film again.")
        try:
            stored.join(cut, pieces, self._check)
        except MediaDamaged as error:
            stored.discard_pieces()
            raise LibraryError(error.message, "Try again: it is made anew.") from error

    def _render(self) -> str:
        """Render the trailer that is at work on the job's cut, and return the cut's id."""
        library, job = self._library, self._job
        analysis = library.load_analysis(str(job.cut_id))
        cut_id, template = analysis.cut.cut_id, str(job.template)
        work = library.decisions.load_work(cut_id, template)
        if work is None:
            raise LibraryError("There is no such trailer any more.", "Assemble it anew, then render it.")
        previews = library.find_previews(cut_id)
        folder = previews.place(work.trailer, work.person)
        spoilers = list_spoilers(analysis, library.decisions.load_choices(cut_id))
        files = self._crew.render(
            analysis, work.trailer, spoilers=spoilers, person=work.person, report=self._make_report()
        )
        write_files(files, folder)
        previews.keep_only(folder)
        return cut_id

    def _find_priority(self) -> int:
        """How urgent the job is by now."""
        return self._library.jobs.find_job(self._job.id).priority

    def _check(self) -> None:
        """Stop the work when a person asks for it, and when the program ends."""
        if self._closing.is_set():
            raise Closing
        if time.monotonic() - self._looked_s >= REPORT_INTERVAL_S:
            self._looked_s = time.monotonic()
            if self._library.jobs.is_cancel_asked(self._job.id):
                raise Cancelled

    def _make_report(self) -> Report:
        """Make the hook that writes the job's progress to the database, and checks."""
        last_s, last_stage = 0.0, ""

        def report(progress: Progress) -> None:
            nonlocal last_s, last_stage
            self._check()
            is_new = progress.stage != last_stage
            if not is_new and time.monotonic() - last_s < REPORT_INTERVAL_S:
                return
            last_s, last_stage = time.monotonic(), progress.stage
            if not self._library.jobs.report_job(self._job.id, progress, is_new_stage=is_new):
                raise Cancelled

        return report


def _claim_proxy(cut_id: str) -> str:
    """What is claimed while a light copy of a cut is made: its analysis may go on beside that."""
    return f"{cut_id} light copy"
