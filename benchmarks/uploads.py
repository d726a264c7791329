"""Uploading films far larger than memory into the real app while one is played: its memory, its answers, and how fast.

    python -m benchmarks.uploads [--gigabytes 20] [--at-once 4] [--folder DIR]

The films are sparse files, read and sent as if they were whole, and written in full on the other side: `--folder` needs as
much room as they are large. Meanwhile a player jumps about in a sparse film of 8 GB that the library holds. The peer reads,
hashes and writes the same films in as many threads, with no app and no network.
"""

import argparse
import base64
import hashlib
import http
import http.client
import os
import random
import re
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from studio.media import film_url
from studio.security import read_secret, sign_for_hours
from studio.settings import read_settings
from studio.store import open_library
from studio.upload_routes import PATH
from tests.analyses import make_analysis
from tests.served_app import ServedApp, serve_app

PIECE_BYTES = 1 << 24
ASK_EVERY_S = 0.05
WARM_UP_BYTES = 1 << 25
PEER_BYTES = 1 << 30
PLAYED_BYTES = 8 << 30
STRETCH_BYTES = 1 << 20
MOST_MB, MOST_S = 400, 1.0
"""The memory that the app may take and the time in which it is to answer, by the goals."""


@dataclass(frozen=True, kw_only=True)
class UploadFigures:
    """What was measured while films were uploaded.

    Attributes:
        seconds: how long it took.
        before_mb: memory of the app's process before, MB.
        peak_mb: its peak meanwhile.
        idle_s: how long the app took to answer before, one value a question, in order.
        answers_s: how long it took to answer meanwhile.
        played: how many stretches of a film were read from it meanwhile.
    """

    seconds: float
    before_mb: float
    peak_mb: float
    idle_s: list[float]
    answers_s: list[float]
    played: int


def measure_uploads(folder: Path, *, film_bytes: int, films: int) -> UploadFigures:
    """Upload sparse films into the app at once, playing another and asking it all the while whether it is well.

    Args:
        folder: where films and home lie.
        film_bytes: the size of each.
        films: how many.
    """
    home = folder / "home"
    played_url = add_sparse_film(home, folder / "played.mp4")
    paths = []
    for number in range(films):
        paths.append(folder / f"film{number}.mp4")
        paths[-1].touch()
        os.truncate(paths[-1], film_bytes)
    warm_up = folder / "warm-up.mp4"
    warm_up.touch()
    os.truncate(warm_up, WARM_UP_BYTES)
    with serve_app(home) as app, ThreadPoolExecutor(films) as senders:
        begin = sign_for_hours(PATH, read_secret(home))
        send_film(app, begin, warm_up)
        idle_s = [ask_health(app) for _ in range(40)]
        # What is remembered as the peak begins again here.
        Path(f"/proc/{app.process.pid}/clear_refs").write_text("5", encoding="ascii")
        before_mb = read_memory_mb(app, "VmRSS")
        answers_s: list[float] = []
        done = threading.Event()
        stretches: list[int] = []
        beside = [
            threading.Thread(target=_keep_asking, args=(app, answers_s, done)),
            threading.Thread(target=_keep_playing, args=(app, played_url, stretches, done)),
        ]
        for thread in beside:
            thread.start()
        began_s = time.monotonic()
        try:
            list(senders.map(lambda path: send_film(app, begin, path), paths))
        finally:
            seconds = time.monotonic() - began_s
            done.set()
            for thread in beside:
                thread.join()
        peak_mb = read_memory_mb(app, "VmHWM")
    return UploadFigures(
        seconds=seconds,
        before_mb=before_mb,
        peak_mb=peak_mb,
        idle_s=idle_s,
        answers_s=answers_s,
        played=len(stretches),
    )


def add_sparse_film(home: Path, path: Path) -> str:
    """Put a sparse film of `PLAYED_BYTES` into a new library, and return the address at which a player reads it."""
    path.touch()
    os.truncate(path, PLAYED_BYTES)
    settings = read_settings({"THROUGHLINE_HOME": str(home)})
    library = open_library(settings)
    library.save_analysis(make_analysis(cut_id="sparse", path=path))
    library.close()
    return film_url(settings, "sparse")


def send_film(app: ServedApp, begin: str, path: Path) -> None:
    """Upload a film as the page does: piece after piece, each with its checksum."""
    connection = http.client.HTTPConnection("127.0.0.1", app.port, timeout=120)
    name = base64.b64encode(path.name.encode()).decode()
    tus = {"Tus-Resumable": "1.0.0"}
    headers = {**tus, "Upload-Length": str(path.stat().st_size), "Upload-Metadata": f"filename {name}"}
    location, offset = _ask(connection, "POST", begin, headers).getheader("Location", ""), 0
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            checksum = base64.b64encode(hashlib.sha256(piece).digest()).decode()
            headers = {**tus, "Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
            _ask(connection, "PATCH", location, {**headers, "Upload-Checksum": f"sha256 {checksum}"}, piece)
            offset += len(piece)
    connection.close()


def ask_health(app: ServedApp) -> float:
    """Ask the app whether it is well, and return how long its answer took, seconds."""
    began_s = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", app.port, timeout=120)
    _ask(connection, "GET", "/_stcore/health", {})
    connection.close()
    return time.monotonic() - began_s


def read_memory_mb(app: ServedApp, name: str) -> float:
    """Read `VmRSS` or `VmHWM` of the app's process, MB."""
    status = Path(f"/proc/{app.process.pid}/status").read_text(encoding="ascii")
    found = re.search(rf"{name}:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else float("nan")


def copy_film(path: Path, size: int) -> None:
    """Do the peer's part with the beginning of one film: read, SHA-256, write, and see each piece onto the disk."""
    with path.open("rb") as source, path.with_suffix(".copy").open("wb") as sink:
        while source.tell() < size and (piece := source.read(PIECE_BYTES)):
            hashlib.sha256(piece).digest()
            sink.write(piece)
            sink.flush()
            os.fsync(sink.fileno())


def _keep_asking(app: ServedApp, answers_s: list[float], done: threading.Event) -> None:
    """Ask again and again until it is over."""
    while not done.is_set():
        answers_s.append(ask_health(app))
        done.wait(ASK_EVERY_S)


def _keep_playing(app: ServedApp, url: str, stretches: list[int], done: threading.Event) -> None:
    """Jump about in a film as a player does: ask for all from somewhere on, take a little of it, and let go."""
    chance = random.Random(0)
    while not done.is_set():
        connection = http.client.HTTPConnection("127.0.0.1", app.port, timeout=120)
        connection.request("GET", url, headers={"Range": f"bytes={chance.randrange(PLAYED_BYTES - STRETCH_BYTES)}-"})
        answer = connection.getresponse()
        if answer.status != http.HTTPStatus.PARTIAL_CONTENT:
            raise RuntimeError(f"playing: {answer.status}")
        stretches.append(len(answer.read(STRETCH_BYTES)))
        connection.close()
        done.wait(ASK_EVERY_S)


def _ask(
    connection: http.client.HTTPConnection, method: str, url: str, headers: dict[str, str], body: bytes | None = None
) -> http.client.HTTPResponse:
    """Send one request, and read its whole answer, which must be a good one."""
    connection.request(method, url, body=body, headers=headers)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status >= 300:
        raise RuntimeError(f"{method}: {answer.status} {text.decode()}")
    return answer


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--gigabytes", type=float, default=20, help="of all films together (default: 20)")
    parser.add_argument("--at-once", type=int, default=4, help="how many films (default: 4)")
    parser.add_argument(
        "--folder", type=Path, help="where films and home lie meanwhile (default: the temporary folder)"
    )
    options = parser.parse_args()
    film_bytes = int(options.gigabytes * 1e9 / options.at_once)
    with tempfile.TemporaryDirectory(prefix="throughline-bench-", dir=options.folder) as scratch:
        folder = Path(scratch)
        figures = measure_uploads(folder, film_bytes=film_bytes, films=options.at_once)
        peer_bytes = min(film_bytes, PEER_BYTES)
        began_s = time.monotonic()
        with ThreadPoolExecutor(options.at_once) as copiers:
            list(copiers.map(lambda path: copy_film(path, peer_bytes), sorted(folder.glob("film*.mp4"))))
        peer = peer_bytes * options.at_once / (time.monotonic() - began_s) / 1e6
    speed = options.gigabytes * 1e3 / figures.seconds
    print(f"{options.at_once} films, {options.gigabytes:g} GB together: {figures.seconds:.0f} s, {speed:.0f} MB/s;")
    print(f"reading, SHA-256 and writing alone: {peer:.0f} MB/s (the uploads: {speed / peer:.2f} of it)")
    print(
        f"memory of the app: {figures.before_mb:.0f} MB before, {figures.peak_mb:.0f} MB at its peak, "
        f"while {figures.played} stretches of a film of 8 GB were played"
    )
    for name, values in (("idle", figures.idle_s), ("meanwhile", figures.answers_s)):
        ordered = sorted(values)
        p50, p99 = (1e3 * ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.5, 0.99))
        print(
            f"answers {name:9}: {p50:4.0f} ms in the middle, {p99:4.0f} ms at 99 %, {1e3 * ordered[-1]:4.0f} ms at most"
        )
    print(f"Goals: at most {MOST_MB} MB; every answer under {MOST_S:g} s.")
    sys.exit(figures.peak_mb > MOST_MB or max(figures.answers_s) > MOST_S)


if __name__ == "__main__":
    main()
