"""What the headers of the tus protocol say, read strictly, and how a request is refused."""

import base64
import binascii

from starlette.requests import Request

from studio.pieces import CHECKSUMS


class Refusal(Exception):
    """What is answered instead: a status and a sentence for a person."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


def read_number(request: Request, name: str) -> int:
    """Read a header that must be a whole number."""
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Refusal(400, f"The header {name} must be a number of bytes.")
    return int(text)


def read_checksum(request: Request) -> tuple[str, bytes]:
    """Read which checksum a piece must have; two empty ones where none is given."""
    header = request.headers.get("upload-checksum", "")
    if not header:
        return "", b""
    algorithm, _, text = header.partition(" ")
    if algorithm not in CHECKSUMS:
        raise Refusal(400, f"The checksum must be one of {', '.join(CHECKSUMS)}.")
    return algorithm, _decode(text)


def read_metadata(header: str) -> dict[str, str]:
    """Read `key BASE64,key BASE64` as text."""
    pairs = (pair.strip().partition(" ") for pair in header.split(",") if pair.strip())
    try:
        return {key: _decode(value.strip()).decode("utf-8") for key, _, value in pairs}
    except UnicodeDecodeError as error:
        raise Refusal(400, "What is said of a file must be UTF-8.") from error


def _decode(text: str) -> bytes:
    """Decode base64."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refusal(400, "A header is not valid base64.") from error
