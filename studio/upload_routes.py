"""Uploads over HTTP: the tus protocol 1.0.0 with creation, checksum, termination and expiration, on signed addresses.

Source: tus.io/protocols/resumable-upload, version 1.0.0.
"""

import asyncio
import errno
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from email.utils import formatdate
from pathlib import Path

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from pipeline.errors import FilmError
from studio.entries import BATCH, USUAL
from studio.jobs import current_jobs
from studio.pieces import CHECKSUMS, Piece
from studio.security import EXPIRED, address_person, is_signed, read_person, read_secret, sign_for_hours, sign_url
from studio.settings import Settings
from studio.store import open_library
from studio.upload_headers import Refusal, read_checksum, read_metadata, read_number
from studio.uploads import FILM_BYTES, SUBTITLES_BYTES, Submit, Upload, Uploads, finish_uploads, is_subtitle_name

VERSION = "1.0.0"
PATH = "/uploads"
ADDRESS_LIFE_S = 30 * 24 * 3600
"""So long the address of one upload opens; what is given up is gone before."""

WRITE_BYTES = 1 << 20
"""The network's small pieces are gathered to this many before a thread writes them: all the memory an upload takes."""

IDLE_S = 20
"""After so many seconds without a byte a connection counts as lost, and its upload is free for the next one."""

BATCH_KEY = "batch"
"""What the page says of a film that was begun together with others."""

SWEEP_EVERY_S = 3600
TITLE_LETTERS = 300

FULL_DISKS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
DISK_FULL = "The disk has no room for this file. Make room on it, then try again."

logger = logging.getLogger(__name__)


def upload_url(settings: Settings) -> str:
    """Return the address at which a page begins uploads of the settings' person for some hours; the same within an hour."""
    return sign_for_hours(address_person(PATH, settings.person), read_secret(settings.home))


def submit_film(upload: Upload, path: Path, transcript: Path | None) -> str:
    """Have a film analysed by the jobs of this process, for whoever sent it; one of many films lets single ones go first.

    Args:
        upload: the upload, which is complete.
        path: its file.
        transcript: the file of its subtitles.

    Returns:
        The id of the job that has it now.
    """
    priority = BATCH if BATCH_KEY in read_metadata(upload.metadata) else USUAL
    return current_jobs().submit_analysis(
        path, title=upload.title, transcript=transcript, priority=priority, person=upload.person
    )


def upload_routes(settings: Settings, *, submit: Submit = submit_film) -> list[Route]:
    """Make the routes of uploads.

    Args:
        settings: this machine's settings.
        submit: takes every film that is complete.

    Returns:
        The routes, to be set beside the app's own.
    """
    server = _TusServer(settings, submit)
    return [
        Route(PATH, server.answer_all, methods=["OPTIONS", "POST"]),
        Route(f"{PATH}/{{upload_id}}", server.answer_one, methods=["OPTIONS", "POST", "HEAD", "PATCH", "DELETE"]),
    ]


@asynccontextmanager
async def keep_uploads(settings: Settings) -> AsyncIterator[None]:
    """Hand over what was complete when the app stopped, and sweep what was given up: for the app's lifespan.

    Args:
        settings: this machine's settings.
    """

    async def sweep() -> None:
        while True:
            try:
                await asyncio.to_thread(_finish, settings)
            except (OSError, FilmError):
                logger.warning("Uploads could not be swept", exc_info=True)
            await asyncio.sleep(SWEEP_EVERY_S)

    sweeping = asyncio.create_task(sweep())
    try:
        yield
    finally:
        sweeping.cancel()


class _TusServer:
    """Answers requests; whatever touches the disk runs in a thread, so that the pages go on."""

    def __init__(self, settings: Settings, submit: Submit) -> None:
        self._submit = submit
        self._uploads = Uploads(settings)
        settings.home.mkdir(parents=True, exist_ok=True)
        self._secret = read_secret(settings.home)
        self._held: set[str] = set()

    async def answer_all(self, request: Request) -> Response:
        """Answer what the server can do, and begin uploads."""
        return await self._answer(request, PATH, {"OPTIONS": self._tell, "POST": self._create})

    async def answer_one(self, request: Request) -> Response:
        """Answer what concerns one upload."""
        handlers = {"OPTIONS": self._tell, "HEAD": self._locate, "PATCH": self._append, "DELETE": self._terminate}
        return await self._answer(request, f"{PATH}/{request.path_params['upload_id']}", handlers)

    async def _answer(
        self, request: Request, path: str, handlers: Mapping[str, Callable[[Request], Awaitable[Response]]]
    ) -> Response:
        """Answer a request that is signed, of the right version and method; refusals become a status and a sentence."""
        try:
            if not is_signed(request, path, self._secret):
                raise Refusal(403, EXPIRED)
            method = request.headers.get("x-http-method-override", request.method)
            if method not in handlers:
                raise Refusal(405, f"{method} is not answered here.")
            if method != "OPTIONS" and request.headers.get("tus-resumable") != VERSION:
                raise Refusal(412, f"Only version {VERSION} of the protocol is spoken here.")
            response = await handlers[method](request)
        except Refusal as refusal:
            response = PlainTextResponse(refusal.text, status_code=refusal.status)
            if refusal.status == 412:
                response.headers["tus-version"] = VERSION
        except OSError as error:
            full = error.errno in FULL_DISKS
            if not full:
                logger.error("An upload could not be stored", exc_info=error)
            text = DISK_FULL if full else "This file cannot be stored here; the log says why."
            response = PlainTextResponse(text, status_code=507 if full else 500)
        response.headers["tus-resumable"] = VERSION
        response.headers["cache-control"] = "no-store"
        return response

    async def _tell(self, _: Request) -> Response:
        """Tell what the server can do."""
        headers = {
            "tus-version": VERSION,
            "tus-extension": "creation,checksum,termination,expiration",
            "tus-max-size": str(FILM_BYTES),
            "tus-checksum-algorithm": ",".join(CHECKSUMS),
        }
        return Response(status_code=204, headers=headers)

    async def _create(self, request: Request) -> Response:
        """Begin an upload."""
        size = read_number(request, "upload-length")
        metadata = request.headers.get("upload-metadata", "")
        said = read_metadata(metadata)
        name, title, transcript = (said.get(key, "") for key in ("filename", "title", "transcript"))
        if size == 0:
            raise Refusal(400, "This file is empty.")
        largest = SUBTITLES_BYTES if is_subtitle_name(name) else FILM_BYTES
        if size > largest:
            raise Refusal(413, f"This file is larger than the {largest >> 20:,} MB that are taken.")
        if len(title) > TITLE_LETTERS:
            raise Refusal(400, f"A title has {TITLE_LETTERS} letters at most.")
        words = await asyncio.to_thread(self._uploads.find, transcript) if transcript else None
        if transcript and not (words and words.is_complete and words.is_subtitles):
            raise Refusal(400, "The subtitles of this film have not been uploaded.")
        upload = await asyncio.to_thread(
            self._uploads.create,
            name,
            size=size,
            metadata=metadata,
            title=title,
            transcript=transcript or None,
            person=read_person(request),
        )
        location = sign_url(f"{PATH}/{upload.id}", self._secret, int(time.time()) + ADDRESS_LIFE_S)
        return Response(status_code=201, headers={"location": location, **self._describe_progress(upload)})

    async def _locate(self, request: Request) -> Response:
        """Tell how far an upload has come."""
        upload = await self._find(request)
        headers = {"upload-length": str(upload.size), **self._describe_progress(upload)}
        if upload.metadata:
            headers["upload-metadata"] = upload.metadata
        return Response(headers=headers)

    async def _append(self, request: Request) -> Response:
        """Take the next piece of an upload; with the last one of a film its analysis is asked for."""
        upload_id = str(request.path_params["upload_id"])
        try:
            with self._hold(upload_id):
                upload = await self._receive(request, await self._find(request))
                await asyncio.to_thread(self._uploads.hand_over, upload, self._submit)
        except Refusal:
            await _drain(request)  # A browser reads no answer before it has sent what it began.
            raise
        except FilmError as error:
            raise Refusal(503, str(error)) from error
        return Response(status_code=204, headers=self._describe_progress(upload))

    async def _receive(self, request: Request, upload: Upload) -> Upload:
        """Write the body of a request to the disk, and count it if it is what its sender says."""
        if request.headers.get("content-type") != "application/offset+octet-stream":
            raise Refusal(415, "The piece of a file must be application/offset+octet-stream.")
        if read_number(request, "upload-offset") != upload.offset:
            raise Refusal(409, f"The file goes on at byte {upload.offset}.")
        if upload.is_complete:
            return upload
        algorithm, expected = read_checksum(request)
        piece = Piece(self._uploads, upload, algorithm)
        try:
            await _write_body(request, piece)
            return await asyncio.to_thread(piece.keep, expected)
        except (ClientDisconnect, TimeoutError) as error:
            raise Refusal(408, "The connection was lost.") from error
        except OverflowError as error:
            raise Refusal(413, "There is more of this file than was said.") from error
        except ValueError as error:
            raise Refusal(460, "A piece of this file was damaged on its way.") from error
        except OSError as error:
            if error.errno in FULL_DISKS:
                raise Refusal(507, DISK_FULL) from error
            raise
        finally:
            piece.drop_rest()

    async def _terminate(self, request: Request) -> Response:
        """Forget an upload. A film whose analysis was asked for belongs to the library, and stays."""
        with self._hold(str(request.path_params["upload_id"])):
            await asyncio.to_thread(self._uploads.discard, await self._find(request))
        return Response(status_code=204)

    async def _find(self, request: Request) -> Upload:
        """Find the upload that a request is about."""
        upload = await asyncio.to_thread(self._uploads.find, str(request.path_params["upload_id"]))
        if upload is None:
            raise Refusal(404, "This upload is no longer known here.")
        return upload

    @contextmanager
    def _hold(self, upload_id: str) -> Iterator[None]:
        """Keep an upload to one writer."""
        if upload_id in self._held:
            raise Refusal(423, "This file is being uploaded by somebody else at this moment.")
        self._held.add(upload_id)
        try:
            yield
        finally:
            self._held.discard(upload_id)

    def _describe_progress(self, upload: Upload) -> dict[str, str]:
        """The headers that say how far an upload has come, and when it is given up."""
        expires = formatdate(self._uploads.expires_s(upload), usegmt=True)
        return {"upload-offset": str(upload.offset), "upload-expires": expires}


def _finish(settings: Settings) -> None:
    """Hand over what is complete, and sweep what was given up."""
    library = open_library(settings)
    try:
        taken = {cut.path: cut.id for cut in library.list_cuts()} | {
            job.path: job.id for job in library.jobs.list_jobs()
        }
    finally:
        library.close()
    finish_uploads(settings, submit_film, taken)


async def _write_body(request: Request, piece: Piece) -> None:
    """Write the body of a request; where the connection is lost, what came counts unless it had to be proven whole."""
    try:
        async for block in _gather_blocks(request):
            await asyncio.to_thread(piece.write, block)
    except (ClientDisconnect, TimeoutError):
        if piece.has_checksum:
            raise


async def _gather_blocks(request: Request) -> AsyncIterator[bytes]:
    """Read a body in blocks of `WRITE_BYTES`; TimeoutError where nothing comes for `IDLE_S`."""
    stream, block = request.stream(), bytearray()
    try:
        while True:
            async with asyncio.timeout(IDLE_S):
                block += await anext(stream)
            if len(block) >= WRITE_BYTES:
                yield bytes(block)
                block.clear()
    except StopAsyncIteration:
        pass
    if block:
        yield bytes(block)


async def _drain(request: Request) -> None:
    """Read and forget what is left of a body, a while at most."""
    try:
        async with asyncio.timeout(IDLE_S):
            async for _ in request.stream():
                pass
    except (TimeoutError, ClientDisconnect, RuntimeError):  # RuntimeError: it was read to its end already.
        pass
