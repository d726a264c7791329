"""Jobs on their way: a queue in the library's database, of which this process takes the most urgent and has it done."""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.errors import LibraryError
from studio.cluster import Cluster
from studio.entries import NO_SCHEDULER, NO_WORKERS, PREVIEW, TRAILER, USUAL, WAITING, JobEntry
from studio.job_run import Claims, JobRun
from studio.parts import sweep_parts
from studio.queue_lock import QueueLock
from studio.settings import Settings
from studio.store import Library, open_library

POLL_S = 1.0
"""How often the queue is looked at: another process may have added to it, or changed its order."""

LEAST_AT_ONCE = 4
TASKS_A_JOB = 4
"""Jobs that run at a time: more than one person may have, so that another's begins at once; and more for many workers."""

REMEMBERED = timedelta(days=90)
"""How long the list keeps what has ended, unless a person clears it."""

CLOSE_TIMEOUT_S = 10

logger = logging.getLogger(__name__)

_current: "Jobs | None" = None


class Jobs:
    """The queue at work. Whatever is known of a job is in the database, not here.

    Args:
        settings: this machine's settings.
        library: the library, of which this object takes care.
        cluster: the workers.
        lock: held from now on until the end.
        owns_cluster: whether it takes care of these, too.
    """

    def __init__(
        self, settings: Settings, library: Library, cluster: Cluster, lock: QueueLock, *, owns_cluster: bool = True
    ) -> None:
        self._settings = settings
        self._library = library
        self._cluster, self._owns_cluster = cluster, owns_cluster
        self._claims, self._lock = Claims(), lock
        self._running: dict[str, threading.Thread] = {}
        self._wake, self._closing = threading.Event(), threading.Event()
        self._keeper = threading.Thread(target=self._keep_going, name="jobs", daemon=True)

    @classmethod
    def start(cls, settings: Settings, *, cluster: Cluster | None = None) -> "Jobs":
        """Start workers on this machine, or connect to the scheduler of the settings, and take up what is unfinished.

        Args:
            settings: this machine's settings.
            cluster: workers that are there already.

        Returns:
            The jobs, from now on also found by `current_jobs`.

        Raises:
            LibraryError: the library cannot be opened, or another program is at work on it.
            SettingError: the scheduler does not answer.
        """
        global _current
        library = open_library(settings)
        lock = QueueLock(library.engine)
        try:
            lock.take()
            workers = cluster or Cluster.start(settings)
        except BaseException:
            lock.release()
            library.close()
            raise
        jobs = cls(settings, library, workers, lock, owns_cluster=cluster is None)
        for job in library.jobs.list_jobs():
            library.jobs.wait_again(job.id, WAITING)  # Whatever was running when the program stopped.
        library.jobs.forget_old(datetime.now(UTC) - REMEMBERED)
        sweep_parts(settings, now_s=time.time())
        jobs._keeper.start()
        _current = jobs
        return jobs

    def close(self) -> None:
        """Stop the work; jobs that are not finished go on when the program starts again."""
        global _current
        if _current is self:
            _current = None
        self._closing.set()
        self._wake.set()
        self._keeper.join(CLOSE_TIMEOUT_S)
        for thread in list(self._running.values()):
            thread.join(CLOSE_TIMEOUT_S)
        try:
            if self._owns_cluster:
                self._cluster.close()
        finally:
            self._lock.release()
            self._library.close()

    def submit_analysis(
        self, path: Path, *, title: str, transcript: Path | None = None, priority: int = USUAL, person: str = ""
    ) -> str:
        """Have a film analysed.

        Args:
            path: the media file.
            title: what to call the cut; empty for the file's own name.
            transcript: its subtitle file.
            priority: what has more goes first.
            person: who asks for it; empty for the one of the settings.

        Returns:
            The job's id.

        Raises:
            LibraryError: the title, a path or the name is not valid Unicode.
        """
        job = self._library.for_person(person).jobs.add_job(path, title, transcript, priority=priority)
        self._wake.set()
        return job.id

    def submit_preview(self, cut_id: str, template: str, *, person: str = "") -> str:
        """Have the trailer that is at work on a cut rendered, as it is when its turn comes.

        Args:
            cut_id: the cut's whole id.
            template: the name of the trailer's template.
            person: as in `submit_analysis`.

        Returns:
            The job's id.

        Raises:
            LibraryError: there is no such cut.
        """
        cut = self._library.find_cut(cut_id)
        job = self._library.for_person(person).jobs.add_job(
            cut.path, cut.title, kind=TRAILER, cut_id=cut.id, template=template, priority=PREVIEW
        )
        self._wake.set()
        return job.id

    def cancel(self, job_id: str) -> None:
        """Ask for a job to be stopped: at once while it waits, within a second or so while it runs."""
        self._library.jobs.ask_cancel(job_id)

    def _keep_going(self) -> None:
        """Look at the queue again and again, until the program ends."""
        while not self._closing.is_set():
            try:
                if self._lock.keep():
                    self._start_jobs()
                else:
                    logger.warning("Another program works through the queue, or its database is away")
            except Exception:  # A disk that is full, a database that is away: whatever it is, the queue outlives it.
                logger.exception("The queue of jobs could not be looked at")
            self._wake.wait(POLL_S)
            self._wake.clear()

    def _start_jobs(self) -> None:
        """Start as many of the waiting jobs as there is room for, the most urgent first."""
        for job_id in [job_id for job_id, thread in self._running.items() if not thread.is_alive()]:
            self._library.jobs.wait_again(job_id, WAITING)  # Unless it came to its end.
            del self._running[job_id]
        waiting = self._library.jobs.list_waiting()
        if not waiting:
            return
        threads = self._cluster.count_threads() if self._cluster.reconnect() else None
        at_once = max(LEAST_AT_ONCE, (threads or 0) // TASKS_A_JOB)
        running = [job for job in self._library.jobs.list_jobs() if job.id in self._running]
        stages = {}
        for job in waiting:
            if not threads:
                stages[job.id] = NO_SCHEDULER if threads is None else NO_WORKERS
            elif not self._has_room(job, running, at_once):
                stages[job.id] = self._explain_wait(job, running)
            elif self._library.jobs.start_job(job.id):
                self._start(job)
                running.append(job)
        changed = {job.id: stages[job.id] for job in waiting if stages.get(job.id, job.stage) != job.stage}
        if changed:
            self._library.jobs.explain_wait(changed)

    def _start(self, job: JobEntry) -> None:
        """Begin a job in a thread of its own; what it changes is done by the person who asked for it."""
        library = self._library.for_person(job.person)
        run = JobRun(library, job, self._cluster, claims=self._claims, closing=self._closing)
        thread = threading.Thread(target=self._run, args=(run,), name=f"job-{job.id}", daemon=True)
        self._running[job.id] = thread
        thread.start()

    def _run(self, run: JobRun) -> None:
        """Run a job, and look for the next one."""
        try:
            run.run()
        except Exception:  # The database has gone, and with it the place to say so.
            logger.exception("A job could not be brought to its end")
        finally:
            self._wake.set()

    def _has_room(self, job: JobEntry, running: Sequence[JobEntry], at_once: int) -> bool:
        """Whether a job may begin where so many run at once: only what is as urgent as itself stands in its way."""
        return len(_list_rivals(job, running)) < at_once and not self._is_own_limit_reached(job, running)

    def _is_own_limit_reached(self, job: JobEntry, running: Sequence[JobEntry]) -> bool:
        """Whether whoever asked for a job has as many at work as anybody may."""
        own = [other for other in _list_rivals(job, running) if other.person == job.person]
        return len(own) >= self._settings.jobs_per_person

    def _explain_wait(self, job: JobEntry, running: Sequence[JobEntry]) -> str:
        """Say what a job waits for that has no room among those that run."""
        if self._is_own_limit_reached(job, running):
            return f"Waiting until another of {job.person}'s jobs ends ({self._settings.jobs_per_person} at a time)"
        return WAITING


def _list_rivals(job: JobEntry, running: Sequence[JobEntry]) -> list[JobEntry]:
    """Return the jobs that stand in another's way: those of its kind that are as urgent."""
    return [other for other in running if other.priority >= job.priority and other.kind == job.kind]


def current_jobs() -> Jobs:
    """Return the jobs of this process, which the app starts before its first page.

    Raises:
        LibraryError: they were not started here.
    """
    if _current is None:
        raise LibraryError(
            "Films cannot be analysed here, because no worker was started.",
            "Start the app with `python -m studio serve`.",
        )
    return _current


@asynccontextmanager
async def keep_jobs(settings: Settings) -> AsyncIterator[Jobs]:
    """Start the jobs and stop them at the end, without holding up the event loop: for the app's lifespan.

    Args:
        settings: this machine's settings.
    """
    jobs = await asyncio.to_thread(Jobs.start, settings)
    try:
        yield jobs
    finally:
        await asyncio.to_thread(jobs.close)
