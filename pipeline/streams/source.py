"""Where a film's bytes come from: a file of this machine, or what fsspec finds behind a URL. They are only read."""

import contextlib
import io
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pipeline.errors import FileUnreadable
from pipeline.places import is_remote, name_url

if TYPE_CHECKING:
    from av.container import InputContainer  # Whoever only asks where a film is loads no decoder.

BLOCK_BYTES = 4 << 20
"""Read at once from elsewhere: what a film is read in order costs a request for each."""

TRIES = 3
PAUSE_S = 0.5
"""A request that fails is made again, after a pause: networks drop."""

_ONLY_THIS_FILE = "none"
"""The protocols by which FFmpeg may open further files, where even the film itself comes from elsewhere."""


class BinaryReader(Protocol):
    """Gives bytes in order."""

    def read(self, size: int, /) -> bytes:
        """Return some bytes, at most so many; none at the end."""
        ...


def open_source(path: Path) -> io.BufferedReader:
    """Open a film's bytes for reading; they can be sought in.

    Args:
        path: the film.

    Raises:
        OSError: it cannot be opened.
        FileUnreadable: nothing can be read behind its URL.
    """
    return io.BufferedReader(_RemoteBytes(path), BLOCK_BYTES) if is_remote(path) else path.open("rb")


def describe_state(path: Path) -> tuple[int, str]:
    """Return the size of a film, bytes, and what changes whenever it does.

    Raises:
        OSError, FileUnreadable: as `open_source`.
    """
    if not is_remote(path):
        status = path.stat()
        return status.st_size, str(status.st_mtime_ns)
    with contextlib.closing(_RemoteBytes(path)) as source:
        return source.size, source.state


def open_media(
    path: Path,
    *,
    options: Mapping[str, str],
    container_options: Mapping[str, str],
    source: BinaryReader | None = None,
) -> "InputContainer":
    """Have FFmpeg open a film, and nothing but the film.

    Args:
        path: the film.
        source: what gives its bytes, in order; if None, they are read from the path, in any order.
        options: of its streams, as for `av.open`.
        container_options: of the container, likewise; they say that only files are opened.

    Returns:
        The open container; the caller closes it.

    Raises:
        av.error.FFmpegError, OSError, ValueError: no container recognises it.
        FileUnreadable: nothing can be read behind its URL.
    """
    import av

    if source is None and is_remote(path):
        source = open_source(path)
    is_elsewhere = source is not None
    return av.open(
        source or f"file:{path.resolve()}",
        "r",
        options=dict(options),
        container_options={**container_options, **({"protocol_whitelist": _ONLY_THIS_FILE} if is_elsewhere else {})},
        metadata_errors="replace",  # Metadata in a legacy encoding must not keep a film from being opened.
    )


@contextlib.contextmanager
def local_copy(path: Path) -> Iterator[Path]:
    """Make a film a file of this machine for as long as it is needed: itself, or a copy of what is behind its URL.

    Raises:
        OSError: there is no room for a copy.
        FileUnreadable: nothing can be read behind its URL.
    """
    if not is_remote(path):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="throughline-") as folder:
        copy = Path(folder, path.name)
        with open_source(path) as source, copy.open("wb") as target:
            shutil.copyfileobj(source, target, BLOCK_BYTES)
        yield copy


class _RemoteBytes(io.RawIOBase):
    """The bytes behind a URL, asked for range by range: whoever reads beside this one is not disturbed.

    Args:
        path: the film.

    Attributes:
        name: the film's file name, by which FFmpeg may tell its format.
        size: bytes.
        state: what changes whenever the bytes do.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._at = 0
        self.name = path.name
        self._system, self._address, facts = self._ask(_find_film, name_url(path))
        if facts["size"] is None:
            raise FileUnreadable(
                f"{name_url(path)!r} does not say how large it is.",
                "Copy the film to this machine, or to another store.",
            )
        self.size = int(facts["size"])
        self.state = str([facts.get(key) for key in ("ETag", "etag", "mtime", "LastModified", "created")])

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """Return where the next byte is read."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go elsewhere."""
        self._at = max(0, offset + (0, self._at, self.size)[whence])
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Read as much as there is room for."""
        stop = min(self._at + len(buffer), self.size)
        if stop <= self._at:
            return 0
        block = self._ask(self._system.cat_file, self._address, start=self._at, end=stop)
        if len(block) != stop - self._at:
            raise FileUnreadable(
                f"{name_url(self._path)!r} cannot be read from its middle on.",
                "Copy the film to this machine, or to another store.",
            )
        buffer[: len(block)] = block
        self._at += len(block)
        return len(block)

    def _ask(self, call: Any, *args: Any, **kwargs: Any) -> Any:
        """Make a request, again if it fails."""
        for left in reversed(range(TRIES)):
            try:
                return call(*args, **kwargs)
            except (FileNotFoundError, IsADirectoryError) as error:
                raise FileUnreadable(f"There is no film at {name_url(self._path)!r}.", "Check the address.") from error
            except Exception as error:  # Each store raises what its own library does.
                if not left or isinstance(error, ImportError | ValueError):
                    raise FileUnreadable(
                        f"{name_url(self._path)!r} cannot be read: {str(error).rstrip('.')}.",
                        "Check the address, this machine's keys to the store and the network, then try again.",
                    ) from error
            time.sleep(PAUSE_S)
        raise AssertionError("every try either returns or raises")


def _find_film(url: str) -> tuple[Any, str, dict[str, Any]]:
    """Return the file system behind a URL, the address in it, and what it says of what is there."""
    import fsspec

    system, address = fsspec.core.url_to_fs(url)
    facts = system.info(address)
    if facts["type"] == "directory":
        raise IsADirectoryError(url)
    return system, address, facts
