"""A PostgreSQL server of its own for the tests, in a folder that is thrown away; reached through a socket in there."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

USER = "films"
START_TIMEOUT_S = 30
FAST = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


def find_program(name: str) -> Path | None:
    """Return a program of the server, from the PATH or from where Debian keeps it; None where none is installed."""
    found = shutil.which(name)
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return Path(found) if found else (debian[-1] if debian else None)


@contextmanager
def run_server() -> Iterator[Path]:
    """Run a server; it refuses to run as root, so whoever that is starts it as somebody else.

    Yields:
        The folder of its socket.
    """
    initdb, postgres = find_program("initdb"), find_program("postgres")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    person = {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        person = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    data = folder / "data"
    try:
        words = [initdb, "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run(words, check=True, capture_output=True, cwd=folder, **person)
        with (folder / "log").open("wb") as log:
            words = [postgres, "-D", data, "-k", folder, "-c", "listen_addresses=", *FAST]
            server = subprocess.Popen(words, cwd=folder, stdout=log, stderr=log, **person)
        try:
            wait_for(folder, server)
            yield folder
        finally:
            server.send_signal(signal.SIGINT)  # At once: a plain end would wait for whoever is still connected.
            server.wait(START_TIMEOUT_S)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def wait_for(folder: Path, server: subprocess.Popen[bytes]) -> None:
    """Wait until the server takes connections."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            psycopg.connect(host=str(folder), user=USER, dbname="postgres").close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((folder / "log").read_text()) from None
            time.sleep(0.05)


def make_database(folder: Path) -> str:
    """Make an empty database, and return its URL."""
    name = f"t{secrets.token_hex(6)}"
    with psycopg.connect(host=str(folder), user=USER, dbname="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"postgresql://{USER}@/{name}?host={folder}"
