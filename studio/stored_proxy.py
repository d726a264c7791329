"""Light copies of films for players: what each cut has, and the pieces of one that is being made."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from pipeline.proxy import Piece, join_pieces
from pipeline.types import Cut
from studio.files import written_whole
from studio.settings import Settings


class StoredProxy:
    """The light copy of one cut: an MP4 in the home, and until it is whole a folder with its pieces.

    Args:
        settings: this machine's settings.
        cut_id: the cut's whole id.
    """

    def __init__(self, settings: Settings, cut_id: str) -> None:
        self._path = settings.home / "proxies" / f"{cut_id}.mp4"
        self._pieces = self._path.with_suffix(".pieces")

    def find(self) -> Path | None:
        """Return the copy; None where there is none, or none that is whole."""
        return self._path if self._path.is_file() else None

    def has_piece(self, piece: Piece) -> bool:
        """Whether a piece is made."""
        return self._place(piece).is_file()

    def save_piece(self, piece: Piece, block: bytes) -> None:
        """Keep a piece; OSError if there is no room for it."""
        with written_whole(self._place(piece)) as unfinished:
            unfinished.write_bytes(block)

    def join(self, cut: Cut, pieces: Sequence[Piece], watch: Callable[[int], None]) -> None:
        """Make the copy of all of its pieces, and delete them.

        Args:
            cut: the cut.
            pieces: all of its pieces in order, each of them saved.
            watch: called before each with its place among them; whatever it raises ends the work, and the pieces stay.

        Raises:
            OSError: there is no room for it.
            MediaDamaged: a piece is damaged.
        """

        def read() -> Iterator[tuple[Piece, bytes]]:
            for index, piece in enumerate(pieces):
                watch(index)
                yield piece, self._place(piece).read_bytes()

        with written_whole(self._path) as unfinished:
            join_pieces(cut, read(), unfinished)
        self.discard_pieces()

    def discard_pieces(self) -> None:
        """Delete the pieces."""
        shutil.rmtree(self._pieces, ignore_errors=True)

    def discard(self) -> None:
        """Delete the copy and its pieces."""
        self.discard_pieces()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _place(self, piece: Piece) -> Path:
        """Where a piece lies."""
        return self._pieces / f"{piece.start}-{piece.end}.mov"
