"""The commands that begin with `jobs`: seeing what is at work, stopping it, putting it first, trying it again."""

from argparse import Namespace
from collections.abc import Callable, Mapping
from typing import Any

from pipeline.errors import LibraryError
from studio.entries import UNFINISHED, JobEntry
from studio.library_commands import print_json
from studio.progress import describe_pace
from studio.settings import Settings
from studio.store import Library, open_library


def list_jobs(options: Namespace, settings: Settings) -> None:
    """List the jobs: those at work, those that wait in their order, and with --all those that have ended."""
    library = open_library(settings)
    everything = library.jobs.list_jobs()
    jobs = [job for job in everything if job.state == "running"] + library.jobs.list_waiting()
    if options.all:
        jobs += [job for job in everything if job.state not in UNFINISHED]
    if options.json:
        print_json([describe_job(job) for job in jobs])
        return
    for job in jobs:
        pace = describe_pace(position_s=job.position_s, speed=job.speed, left_s=job.seconds_left)
        words = [f"{job.done:4.0%}", *pace] if job.state == "running" else []
        words += [job.message, job.hint] if job.state == "failed" else []
        print(f"{job.id}  {job.name}  ({job.person})  {job.stage}  {'  '.join(words)}".rstrip())


def cancel_jobs(options: Namespace, settings: Settings) -> None:
    """Stop jobs."""

    def stop(library: Library, job: JobEntry) -> None:
        if not library.jobs.ask_cancel(job.id):
            raise LibraryError(f"The job {job.id} is {job.state}.", "Only what waits or runs can be stopped.")

    _change(options, settings, stop, "Asked to stop")


def raise_jobs(options: Namespace, settings: Settings) -> None:
    """Put jobs before all others."""

    def put_first(library: Library, job: JobEntry) -> None:
        if not library.jobs.raise_job(job.id):
            raise LibraryError(f"The job {job.id} is {job.state}.", "Only what waits or runs can be put first.")

    _change(options, settings, put_first, "Put first")


def retry_jobs(options: Namespace, settings: Settings) -> None:
    """Try jobs again that failed or were cancelled; the app does the work, if it runs."""
    _change(options, settings, lambda library, job: library.jobs.retry_job(job.id), "Waiting again")


COMMANDS: Mapping[str, Callable[[Namespace, Settings], None]] = {
    "jobs list": list_jobs,
    "jobs cancel": cancel_jobs,
    "jobs raise": raise_jobs,
    "jobs retry": retry_jobs,
}


def describe_job(job: JobEntry) -> dict[str, Any]:
    """What scripts are told of a job."""
    return {
        "id": job.id,
        "title": job.title or job.path.stem,
        "path": str(job.path),
        "kind": job.kind,
        "template": job.template,
        "person": job.person,
        "priority": job.priority,
        "state": job.state,
        "stage": job.stage,
        "done": job.done,
        "position_s": job.position_s,
        "speed": job.speed,
        "seconds_left": job.seconds_left,
        "added_at": job.added_at.isoformat(),
        "updated_at": job.updated_at.isoformat(),
        "message": job.message,
        "hint": job.hint,
        "cut_id": job.cut_id,
    }


def _change(options: Namespace, settings: Settings, change: Callable[[Library, JobEntry], None], said: str) -> None:
    """Change some jobs, and say what has become of them."""
    library = open_library(settings)
    jobs = [library.jobs.find_job(job_id) for job_id in options.ids]
    for job in jobs:
        change(library, job)
    if options.json:
        print_json([describe_job(library.jobs.find_job(job.id)) for job in jobs])
        return
    for job in jobs:
        print(f"{said}: {job.name} ({job.id}).")
