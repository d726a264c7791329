"""Analyses on their way: handed to a Dask worker outside this process, followed through the library's database."""

import asyncio
import importlib
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pipeline.errors import LibraryError, SettingError
from studio.entries import UNFINISHED
from studio.parts import sweep_parts
from studio.settings import Settings
from studio.store import Library, open_library

WORKER_MODULE = "studio.worker"
"""Where the worker's task lives: found by name and only there, so that this process never loads what it needs."""

WORKER_ENVIRON = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}
"""One thread for arithmetic: several on busy cores are many times slower."""

CLUSTER_CONFIG = {
    # The C library gives every thread a heap of its own, and films are read in many: with two, half the memory will do.
    "distributed.nanny.pre-spawn-environ.MALLOC_ARENA_MAX": "2",
    # How many workers a job may take down with it before it is given up: one is bad luck, two are the film.
    "distributed.scheduler.allowed-failures": 1,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}

ANALYSES, PREVIEWS = "analyses", "previews"
"""What the local worker does one of at a time, and one of each side by side: nobody waits a film long for a trailer."""

CONNECT_TIMEOUT_S = 10

logger = logging.getLogger(__name__)

_current: "Jobs | None" = None


class Jobs:
    """The way from this process to the worker. Whatever is known of a job is in the database, not here.

    Args:
        settings: this machine's settings.
        library: the library, of which this object takes care.
        cluster: the local cluster, None where the scheduler is somebody else's.
        client: the connection to the scheduler.
    """

    def __init__(self, settings: Settings, library: Library, cluster: Any, client: Any) -> None:
        self._settings = settings
        self._library = library
        self._cluster = cluster
        self._client = client
        self._futures: dict[str, Any] = {}
        self._closing = False

    @classmethod
    def start(cls, settings: Settings) -> "Jobs":
        """Start a local cluster of one worker, or connect to the scheduler of the settings, and take up waiting jobs.

        Args:
            settings: this machine's settings.

        Returns:
            The jobs, from now on also found by `current_jobs`.

        Raises:
            LibraryError: the library cannot be opened.
            SettingError: the scheduler does not answer.
        """
        global _current
        library = open_library(settings)
        try:
            cluster, client = _connect(settings)
        except BaseException:
            library.close()
            raise
        jobs = cls(settings, library, cluster, client)
        jobs.resume_interrupted()
        sweep_parts(settings, now_s=time.time())
        _current = jobs
        return jobs

    def close(self) -> None:
        """Stop the worker; jobs that are not finished go on when the program starts again."""
        global _current
        self._closing = True
        if _current is self:
            _current = None
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()
        self._library.close()

    def submit_analysis(self, path: Path, *, title: str, transcript: Path | None = None) -> str:
        """Have a film analysed.

        Args:
            path: the media file.
            title: what to call the cut; empty for the file's own name.
            transcript: its subtitle file.

        Returns:
            The job's id.

        Raises:
            LibraryError: the title or a path is not valid Unicode.
        """
        job_id = self._library.jobs.add_job(path, title, transcript).id
        self._hand_over(job_id)
        return job_id

    def submit_preview(self, cut_id: str, template: str) -> str:
        """Have the trailer that is at work on a cut rendered, as it is when its turn comes.

        Args:
            cut_id: the cut's whole id.
            template: the name of the trailer's template.

        Returns:
            The job's id.

        Raises:
            LibraryError: there is no such cut.
        """
        cut = self._library.find_cut(cut_id)
        job_id = self._library.jobs.add_job(cut.path, cut.title, cut_id=cut.id, template=template).id
        self._hand_over(job_id)
        return job_id

    def cancel(self, job_id: str) -> None:
        """Ask for a job to be stopped: at once while it waits, within a second or so while it runs."""
        self._library.jobs.ask_cancel(job_id)

    def resume_interrupted(self) -> None:
        """Hand over again what was waiting or running when the program stopped, in the order it was asked for."""
        for job in reversed(self._library.jobs.list_jobs()):
            if job.state in UNFINISHED and job.id not in self._futures:
                self._hand_over(job.id)

    def _hand_over(self, job_id: str) -> None:
        """Give a job to the worker, and see to it that its end is noticed, whatever that is."""
        needs = None
        if self._cluster is not None:
            needs = {ANALYSES if self._library.jobs.find_job(job_id).template is None else PREVIEWS: 1}
        # Held here: Dask drops a task that nobody holds.
        self._futures[job_id] = future = self._client.submit(
            run_task, job_id, self._settings, key=f"job-{job_id}", pure=False, resources=needs
        )
        future.add_done_callback(lambda done: self._note_end(job_id, done))

    def _note_end(self, job_id: str, future: Any) -> None:
        """Fail a job whose task ended without saying so itself: its worker died, or the scheduler did."""
        if self._closing:
            return
        self._futures.pop(job_id, None)
        if future.status == "error":
            logger.error("Job %s broke off", job_id, exc_info=future.exception())
        message = "The work broke off because its worker stopped."
        hint = "The machine may be short of memory; close other programs and try again."
        if self._library.jobs.fail_job(job_id, message, hint):
            self._library.jobs.discard_job_media(self._library.jobs.find_job(job_id))


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


def run_task(job_id: str, settings: Settings) -> None:
    """Run a job inside the worker.

    Args:
        job_id: the job.
        settings: the settings of the process that gave it.
    """
    importlib.import_module(WORKER_MODULE).run_job(job_id, settings)


def connect_scheduler(address: str) -> Any:
    """Connect to somebody else's Dask scheduler.

    Args:
        address: as THROUGHLINE_SCHEDULER gives it.

    Returns:
        A `distributed.Client`.

    Raises:
        SettingError: no scheduler answers there, or it wants TLS and Dask has no certificates for it.
    """
    from distributed import Client, Security

    if address.startswith("tls://") and Security().get_connection_args("client")["ssl_context"] is None:
        raise SettingError(
            f"Dask has no certificates for the scheduler at {address}.",
            "Set DASK_DISTRIBUTED__COMM__TLS__CA_FILE and its companions, or correct THROUGHLINE_SCHEDULER.",
        )
    try:
        return Client(address, timeout=CONNECT_TIMEOUT_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise SettingError(
            f"No Dask scheduler answers at {address}.",
            "Start it, correct THROUGHLINE_SCHEDULER, or unset it to use this machine.",
        ) from error


def _connect(settings: Settings) -> tuple[Any, Any]:
    """Return a local cluster, None where the settings name a scheduler, and a client that is connected."""
    import dask
    from distributed import Client, LocalCluster, Security

    if settings.scheduler is not None:
        return None, connect_scheduler(settings.scheduler)
    # Whoever reaches a scheduler can run code with it: only a certificate made here, for this run, opens this one.
    security = Security.temporary()
    with dask.config.set(CLUSTER_CONFIG):
        cluster = LocalCluster(
            host="127.0.0.1",
            protocol="tls://",
            security=security,
            processes=True,
            n_workers=1,
            threads_per_worker=2,
            resources={ANALYSES: 1, PREVIEWS: 1},
            # Dask listens for browsers even without a dashboard: on a free port, to this machine, with nothing to show.
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
            env=WORKER_ENVIRON,
        )
    return cluster, Client(cluster.scheduler_address, security=security, set_as_default=False)
