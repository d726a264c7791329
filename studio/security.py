"""Addresses that open a film for a while: signed with a secret of this home, so that nobody can make one up."""

import hashlib
import hmac
import os
import secrets
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

from starlette.requests import Request

from pipeline.errors import LibraryError

SECRET_BYTES = 32

URL_LIFE_S = 12 * 3600
URL_STEP_S = 3600
"""Expiries lie on full hours, so that a page drawn again keeps its address, and the player its place."""

PERSON = "person"
"""What of an address's query says who does what it stands for."""

EXPIRED = "This address has expired. Reload the page."


def read_secret(home: Path) -> bytes:
    """Return the secret of a home, made at random the first time, readable by its owner only.

    Args:
        home: the home; it exists.

    Returns:
        `SECRET_BYTES` bytes.

    Raises:
        LibraryError: it can be neither read nor made.
    """
    path = home / "secret"
    try:
        if not path.exists():
            _make_secret(path)
        path.chmod(0o600)  # A copied or restored home may have lost it.
        secret = path.read_bytes()
    except OSError as error:
        raise LibraryError(
            f"The secret at {path} cannot be read: {error.strerror}.", "Set THROUGHLINE_HOME to a folder of your own."
        ) from error
    if len(secret) != SECRET_BYTES:
        raise LibraryError(f"The secret at {path} is damaged.", "Delete the file; a new one is made.")
    return secret


def address_person(path: str, person: str) -> str:
    """Return an address at which one person does something; signed, nobody passes as another by editing it.

    Args:
        path: the address without a query, such as `/uploads`.
        person: their name; empty for nobody in particular.
    """
    return f"{path}?{urlencode({PERSON: person})}" if person else path


def read_person(request: Request) -> str:
    """Return who does what a request asks for, once `is_signed` has said that it may be believed; empty for nobody."""
    return request.query_params.get(PERSON, "")


def sign_url(path: str, secret: bytes, expires_s: int) -> str:
    """Sign an address.

    Args:
        path: the address, such as `/film/0123456789abcdef`, without a query but what `address_person` gives it.
        secret: the secret of the home.
        expires_s: the last second at which it opens, Unix time.

    Returns:
        The address with its expiry and signature, `path?expires=..&signature=..`.
    """
    query = urlencode({"expires": expires_s, "signature": _sign(path, secret, expires_s)})
    return f"{path}{'&' if '?' in path else '?'}{query}"


def sign_for_hours(path: str, secret: bytes) -> str:
    """Sign an address for the next hours; within an hour it comes out the same.

    Args:
        path: as in `sign_url`.
        secret: the secret of the home.

    Returns:
        As `sign_url`.
    """
    return sign_url(path, secret, (int(time.time() + URL_LIFE_S) // URL_STEP_S + 1) * URL_STEP_S)


def is_signed(request: Request, path: str, secret: bytes) -> bool:
    """Say whether a request shows a signature of a path, and of the person it names, that still opens.

    Args:
        request: the request.
        path: the path that must have been signed, without a query.
        secret: the secret of the home.
    """
    expires, signature = (request.query_params.get(name, "") for name in ("expires", "signature"))
    path = address_person(path, read_person(request))
    return check_signature(path, secret, expires=expires, signature=signature, now_s=time.time())


def check_signature(path: str, secret: bytes, *, expires: str, signature: str, now_s: float) -> bool:
    """Say whether an address was signed with the secret and still opens.

    Args:
        path: the address, without its query but what `address_person` gave it.
        secret: the secret of the home.
        expires: the query's expiry, as it came in.
        signature: the query's signature, as it came in.
        now_s: the time, Unix time.
    """
    if not (expires.isascii() and expires.isdigit() and len(expires) <= 12):
        return False
    genuine = hmac.compare_digest(_sign(path, secret, int(expires)).encode(), signature.encode("utf-8", "replace"))
    return genuine and now_s <= int(expires)


def _sign(path: str, secret: bytes, expires_s: int) -> str:
    """The signature of an address and its expiry: HMAC-SHA256, 64 hex digits."""
    return hmac.new(secret, f"{path}\n{expires_s}".encode(), hashlib.sha256).hexdigest()


def _make_secret(path: Path) -> None:
    """Write a new secret whole, or leave the one that another process was quicker to make."""
    handle, draft = tempfile.mkstemp(dir=path.parent)  # mkstemp gives mode 600.
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        Path(draft).unlink()
