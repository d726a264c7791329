"""The real app in a process of its own."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

APP = Path(__file__).resolve().parents[1] / "app.py"
START_TIMEOUT_S = 60


@dataclass(frozen=True)
class ServedApp:
    """A running app: where it answers, and its process."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def address(self) -> str:
        """The address of its first page."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def serve_app(home: Path, *, port: int = 0, **environ: str) -> Iterator[ServedApp]:
    """Run the app on a home as long as the block runs; it writes its log into the home.

    Args:
        home: the home.
        port: where it listens; a free port if 0.
        environ: more variables for its environment.
    """
    if not port:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(APP), "--server.port", str(port)]
    environ = {**os.environ, "THROUGHLINE_HOME": str(home), **environ}
    with (home / "app.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=APP.parent, env=environ, stdout=log, stderr=subprocess.STDOUT)
        try:
            app = ServedApp(port, process)
            _wait_for(app)
            yield app
        finally:
            process.terminate()
            process.wait(30)


def _wait_for(app: ServedApp) -> None:
    """Wait until the app answers."""
    deadline_s = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline_s and app.process.poll() is None:
        try:
            with urllib.request.urlopen(f"{app.address}/_stcore/health", timeout=1):  # noqa: S310
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the app did not start")
