"""A store of films on the network, a small server that speaks WebHDFS, which fsspec reads with nothing further installed."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

ROOT = "/webhdfs/v1/"
NAME = "films"
"""What the folder is called there."""


@contextmanager
def serve_films(folder: Path, *, host: str = "127.0.0.1") -> Iterator[str]:
    """Serve the films of a folder, byte range by byte range.

    Args:
        folder: with the films.
        host: the address to listen at.

    Yields:
        The URL of the folder.
    """

    class Store(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(address.query).items()}
            inside = unquote(address.path).removeprefix(ROOT)
            film = folder / Path(inside).name
            if query["op"] == "LISTSTATUS" and inside == NAME:
                facts = [describe_film(film) for film in sorted(folder.iterdir()) if film.is_file()]
                self._answer(200, json.dumps({"FileStatuses": {"FileStatus": facts}}).encode())
            elif not film.is_file():
                error = {"exception": "FileNotFoundException", "message": f"There is no {film.name}"}
                self._answer(404, json.dumps({"RemoteException": error}).encode())
            elif query["op"] == "GETFILESTATUS":
                self._answer(200, json.dumps({"FileStatus": describe_film(film)}).encode())
            else:
                with film.open("rb") as file:
                    file.seek(int(query.get("offset", 0)))
                    self._answer(200, file.read(int(query.get("length", -1))))

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def _answer(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer((host, 0), Store)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"webhdfs://{host}:{server.server_address[1]}/{NAME}"
    finally:
        server.shutdown()
        server.server_close()


def describe_film(film: Path) -> dict[str, str | int]:
    """Describe a film as the protocol does."""
    status = film.stat()
    modified_ms = int(status.st_mtime * 1000)
    return {"pathSuffix": film.name, "type": "FILE", "length": status.st_size, "modificationTime": modified_ms}
