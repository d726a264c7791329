"""A Dask cluster of processes as an administrator sets one up: a scheduler, and workers that share nothing with anybody."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[1]
PATIENCE_S = 60


class ProcessCluster:
    """A scheduler and workers, each a process with a home of its own, for as long as it is entered.

    Args:
        folder: for the homes and logs of the processes.
        workers: how many.
        host: the address at which the scheduler listens.
        hidden: a folder that no worker sees: each has its own empty one in its place. It takes an administrator's rights.
        apart: whether each worker has a network of its own, a cable to this one's its only way out; likewise.
        pinned: whether each worker has one core, which no other shares while there are enough.
    """

    def __init__(
        self,
        folder: Path,
        *,
        workers: int,
        host: str = "127.0.0.1",
        hidden: Path | None = None,
        apart: bool = False,
        pinned: bool = False,
    ) -> None:
        self._folder, self._count, self._host, self._hidden, self._apart = folder, workers, host, hidden, apart
        self._pinned = pinned
        with socket.socket() as free:
            free.bind((host, 0))
            self.address = f"tcp://{host}:{free.getsockname()[1]}"
        self._scheduler: subprocess.Popen[bytes] | None = None
        self._workers: dict[int, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        """Start them all."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self.keep_alive()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop them all."""
        for process in self._list():
            kill_family(process)

    def keep_alive(self) -> None:
        """Start whatever does not run, as a service manager does."""
        if self._scheduler is None or self._scheduler.poll() is not None:
            host, port = self.address.removeprefix("tcp://").split(":")
            words = ["distributed.cli.dask_scheduler", "--host", host, "--port", port, "--no-dashboard"]
            self._scheduler = self._start("scheduler", words)
        for number in range(self._count):
            if number not in self._workers or self._workers[number].poll() is not None:
                self._workers[number] = self._start_worker(number)

    def kill_scheduler(self) -> None:
        """Kill the scheduler, as a power cut does."""
        if self._scheduler is not None:
            kill_family(self._scheduler)

    def kill_worker(self, number: int) -> None:
        """Kill a worker with its nanny, as a power cut does."""
        kill_family(self._workers[number])

    def _start_worker(self, number: int) -> subprocess.Popen[bytes]:
        """Start a worker."""
        words = [
            "distributed.cli.dask_worker",
            self.address,
            "--nthreads",
            "1",
            "--no-dashboard",
            "--memory-limit",
            "0",
        ]
        words += ["--local-directory", str(self._folder / f"scratch-{number}"), "--name", f"worker-{number}"]
        words += ["--host", f"10.77.{number}.2"] if self._apart else ["--host", "127.0.0.1"]
        process = self._start(f"worker-{number}", words, apart=self._apart, hidden=self._hidden)
        if self._apart:
            _lay_cable(process.pid, number)
        if self._pinned:  # What it starts inherits that.
            cores = sorted(os.sched_getaffinity(0))
            os.sched_setaffinity(process.pid, {cores[number % len(cores)]})
        return process

    def _start(
        self, name: str, words: list[str], *, apart: bool = False, hidden: Path | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a process with a home of its own."""
        home = self._folder / name
        home.mkdir(exist_ok=True)
        command = [sys.executable, "-m", *words]
        if hidden is not None or apart:
            unshare = ["unshare", *(["-m"] if hidden is not None else []), *(["-n"] if apart else [])]
            script = "until ip route | grep -q default; do sleep .05; done; " if apart else ""
            script += f"mount -t tmpfs none '{hidden}'; " if hidden is not None else ""
            command = [*unshare, "sh", "-c", f'{script}exec "$@"', "sh", *command]
        environ = make_environ(home, THROUGHLINE_DECODERS="1")
        with (self._folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                command, cwd=ROOT, env=environ, stdout=log, stderr=log, stdin=subprocess.DEVNULL, process_group=0
            )

    def _list(self) -> list[subprocess.Popen[bytes]]:
        """Every process that was started."""
        return [*self._workers.values(), *([self._scheduler] if self._scheduler is not None else [])]


def make_environ(home: Path, **settings: str) -> dict[str, str]:
    """Return the environment of a process with a home of its own, one thread for arithmetic, and no other settings."""
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith("THROUGHLINE_")},
        **dict.fromkeys(threads, "1"),
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "10",
        "THROUGHLINE_HOME": str(home),
        **settings,
    }


def _lay_cable(pid: int, number: int) -> None:
    """Join the network of a process with this one's, which must not be the machine's own."""
    near, far = f"near{number}", f"10.77.{number}"
    deadline_s = time.monotonic() + PATIENCE_S
    while Path(f"/proc/{pid}/ns/net").readlink() == Path("/proc/self/ns/net").readlink():
        if time.monotonic() > deadline_s:
            raise TimeoutError("the process has no network of its own")
        time.sleep(0.01)
    inside = ["nsenter", "-t", str(pid), "-n", "ip"]
    for words in (
        ["ip", "link", "add", near, "type", "veth", "peer", "name", "far"],
        ["ip", "addr", "add", f"{far}.1/24", "dev", near],
        ["ip", "link", "set", "far", "netns", str(pid)],
        ["ip", "link", "set", near, "up"],
        [*inside, "link", "set", "lo", "up"],
        [*inside, "addr", "add", f"{far}.2/24", "dev", "far"],
        [*inside, "link", "set", "far", "name", "cable"],
        [*inside, "link", "set", "cable", "up"],
        [*inside, "route", "add", "default", "via", f"{far}.1"],
    ):
        subprocess.run(words, check=True)


def kill_family(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and all that it started, at once; the number of one that has ended may be somebody else's by now."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
