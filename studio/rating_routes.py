"""Ratings over HTTP, as the Rate page sends them while a film plays, to a signed address of one cut."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from pipeline.errors import LibraryError
from pipeline.ratings import RatingSeries, check_rater, check_value
from studio.security import EXPIRED, address_person, is_signed, read_person, read_secret, sign_for_hours
from studio.settings import Settings
from studio.store import open_library

BODY_BYTES = 1 << 20
"""The largest message: every second of a film of ten hours."""


def rating_url(settings: Settings, cut_id: str) -> str:
    """Return the address that takes the ratings of a cut for the next hours, from the person of the settings.

    Args:
        settings: this machine's settings, as the page has them.
        cut_id: the cut's whole id.
    """
    return sign_for_hours(address_person(f"/ratings/{cut_id}", settings.person), read_secret(settings.home))


def rating_routes(settings: Settings) -> list[Route]:
    """Make the route of `rating_url`.

    It takes `{"curve": NAME, "rater": NAME, "values": {SECOND: VALUE, ..}}` and answers 204 once that is kept. POST is
    what a browser still sends when its tab is being closed.

    Args:
        settings: this machine's settings.

    Returns:
        The route, to be set beside the app's own.
    """
    library = open_library(settings)
    secret = read_secret(settings.home)

    async def take_ratings(request: Request) -> Response:
        """Answer 204 when ratings are kept, 400 what is wrong with them, 403 without a valid signature, 404 without a cut."""
        cut_id = request.path_params["cut_id"]
        if not is_signed(request, f"/ratings/{cut_id}", secret):
            return PlainTextResponse(EXPIRED, status_code=403)
        try:
            series = _read_message(cut_id, await _read_body(request))
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            return PlainTextResponse(f"These ratings make no sense: {error}", status_code=400)
        try:
            await asyncio.to_thread(library.for_person(read_person(request)).ratings.save_ratings, series)
        except LibraryError as error:
            return PlainTextResponse(str(error), status_code=404)
        return Response(status_code=204, headers={"cache-control": "no-store"})

    return [Route("/ratings/{cut_id}", take_ratings, methods=["POST"])]


async def _read_body(request: Request) -> Mapping[str, Any]:
    """Read a message, which must not be larger than any film's ratings are."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > BODY_BYTES:
            raise ValueError("they are too many at once.")
    message: Mapping[str, Any] = json.loads(body)
    return message


def _read_message(cut_id: str, message: Mapping[str, Any]) -> RatingSeries:
    """Read a message strictly."""
    curve = str(message["curve"])
    values = {int(second): check_value(curve, float(value)) for second, value in message["values"].items()}
    return RatingSeries(cut_id=cut_id, curve=curve, rater=check_rater(str(message["rater"])), values=values)
