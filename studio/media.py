"""Films on their way in and out: uploads into the home, and the address a player reads a film from."""

import asyncio
import re
import secrets
import shutil
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from pipeline.errors import FilmError, LibraryError
from studio.security import EXPIRED, is_signed, read_secret, sign_for_hours
from studio.settings import Settings
from studio.store import Library, open_library

CHUNK_BYTES = 1 << 20
NAME_BYTES = 200
"""The longest name an upload keeps; file systems allow 255 bytes."""

HEADERS = {"cache-control": "private, max-age=3600", "x-content-type-options": "nosniff"}

CONTENT_TYPES = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/mp4",  # Browsers refuse video/quicktime, but play what most .mov files hold.
    ".webm": "video/webm",
    ".mkv": "video/webm",  # The same container family; browsers refuse video/x-matroska.
    ".ogv": "video/ogg",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
}
"""What a browser is told a file is. Anything else is a plain download: an upload must never be taken for a page."""


def store_upload(settings: Settings, name: str, source: BinaryIO | Iterable[bytes]) -> Path:
    """Write an upload into the home, in a folder of its own, without holding it in memory.

    Args:
        settings: this machine's settings.
        name: the name the sender gave it; unicode is kept, folders are dropped.
        source: its bytes: an open file, read from where it stands, or chunks.

    Returns:
        Where it lies now. It belongs to the library, which deletes it with its cut.

    Raises:
        LibraryError: it cannot be written; nothing is left behind.
    """
    folder = settings.media / secrets.token_hex(8)
    path = folder / make_safe_name(name)
    try:
        folder.mkdir(parents=True, mode=0o700)
        with path.open("xb") as file:
            for chunk in _read_chunks(source):
                file.write(chunk)
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError):
            raise LibraryError(
                f"{name!r} could not be stored: {error.strerror or error}.", "Make room on the disk, then upload again."
            ) from error
        raise
    return path


def make_safe_name(name: str) -> str:
    """Make a sender's file name one that any file system takes: the last part only, at most `NAME_BYTES` bytes.

    Args:
        name: anything.

    Returns:
        A name in composed unicode without separators, control characters and leading dots; never empty.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    printable = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C")
    bare = printable.strip().lstrip(".") or "cut"
    suffix = Path(bare).suffix
    if len(suffix.encode()) > NAME_BYTES // 2:
        suffix = ""
    stem = bare.removesuffix(suffix).encode()[: NAME_BYTES - len(suffix.encode())]
    return stem.decode("utf-8", "ignore") + suffix


def film_url(settings: Settings, cut_id: str) -> str:
    """Return an address at which a player reads a cut's film for the next hours; the same one within an hour.

    Args:
        settings: this machine's settings.
        cut_id: the cut's whole id.

    Returns:
        An address without a host, answered by `media_routes`.
    """
    return sign_for_hours(f"/film/{cut_id}", read_secret(settings.home))


def proxy_url(settings: Settings, cut_id: str) -> str:
    """Return the address of the light copy of a cut's film, as `film_url` does of the film itself."""
    return sign_for_hours(f"/proxy/{cut_id}", read_secret(settings.home))


def still_url(settings: Settings, cut_id: str) -> str:
    """Return the address of a cut's stills for the next hours, with `SECOND` in the place of the second wanted.

    Args:
        settings: this machine's settings.
        cut_id: the cut's whole id.

    Returns:
        An address without a host, answered by `media_routes`.
    """
    folder, query = sign_for_hours(f"/still/{cut_id}", read_secret(settings.home)).split("?")
    return f"{folder}/SECOND?{query}"


def media_routes(settings: Settings) -> list[Route]:
    """Make the routes of `film_url`, `proxy_url` and `still_url`: films in byte ranges, so that a player can seek.

    Args:
        settings: this machine's settings.

    Returns:
        The routes, to be set beside the app's own.
    """
    library = open_library(settings)
    secret = read_secret(settings.home)

    def serve(kind: str, find: Callable[[Library, str], Path | None]) -> Route:
        """Make the route of one kind of media."""

        async def send(request: Request) -> Response:
            """Answer 200 or 206 with the media, 403 without a valid signature, 404 where they are gone."""
            cut_id = request.path_params["cut_id"]
            if not is_signed(request, f"/{kind}/{cut_id}", secret):
                return PlainTextResponse(EXPIRED, status_code=403)
            path = await asyncio.to_thread(find, library, cut_id)
            if path is None:
                return PlainTextResponse("The film of this cut is no longer where it was.", status_code=404)
            media_type = CONTENT_TYPES.get(path.suffix.lower(), "application/octet-stream")
            return FileResponse(path, media_type=media_type, headers=HEADERS)

        return Route(f"/{kind}/{{cut_id}}", send, methods=["GET", "HEAD"])

    async def send_still(request: Request) -> Response:
        """Answer 200 with the still of a second, 403 without a valid signature, 404 where there is none."""
        cut_id = request.path_params["cut_id"]
        if not is_signed(request, f"/still/{cut_id}", secret):
            return PlainTextResponse(EXPIRED, status_code=403)
        jpeg = await asyncio.to_thread(library.find_stills(cut_id).read, request.path_params["second"])
        if jpeg is None:
            return PlainTextResponse("There is no picture of this second.", status_code=404)
        return Response(jpeg, media_type="image/jpeg", headers=HEADERS)

    return [
        serve("film", _find_film),
        serve("proxy", lambda library, cut_id: library.find_proxy(cut_id).find()),
        Route("/still/{cut_id}/{second:int}", send_still, methods=["GET"]),
    ]


def _find_film(library: Library, cut_id: str) -> Path | None:
    """Return the film of a cut; None where the cut is unknown or its file is gone."""
    try:
        path = library.find_film(cut_id)
    except FilmError:
        return None
    return path if path.is_file() else None


def _read_chunks(source: BinaryIO | Iterable[bytes]) -> Iterator[bytes]:
    """Read an upload piece by piece; iterating an open file would look for line breaks."""
    if isinstance(source, Iterable) and not hasattr(source, "read"):
        yield from source
        return
    while chunk := source.read(CHUNK_BYTES):
        yield chunk
