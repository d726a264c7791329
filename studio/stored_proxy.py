"""Light copies of films for players: what each cut has, and the pieces of one that is being made."""

import json
import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from pipeline.footage import PIECE_VERSION, Piece, Playback
from pipeline.types import Cut
from studio.files import written_whole
from studio.settings import Settings

PROXIES = "proxies"
"""The folder of the home that holds light copies."""

PIECES = "pieces"
"""What the folder of a copy's pieces ends in."""

logger = logging.getLogger(__name__)


class StoredProxy:
    """The light copy of one cut: an MP4 in the home, and until it is whole a folder with its pieces.

    How the film itself plays is noted in a file of its own, which backups hold as well.

    Args:
        settings: this machine's settings.
        cut_id: the cut's whole id.

    Attributes:
        path: where the copy is, or will be.
    """

    def __init__(self, settings: Settings, cut_id: str) -> None:
        folder = settings.home / PROXIES
        self.path = folder / f"{cut_id}.{PIECE_VERSION}.mp4"
        self._pieces = folder / f"{cut_id}.{PIECES}"
        self._playback = settings.home / "playback" / f"{cut_id}.json"

    def note_playback(self, playback: Playback) -> None:
        """Keep how the film itself plays; a disk that is full is only logged."""
        try:
            with written_whole(self._playback) as unfinished:
                unfinished.write_text(json.dumps(asdict(playback)), encoding="utf-8")
        except OSError as error:
            logger.warning("%s could not be kept: %s", self._playback, error)

    def read_playback(self) -> Playback | None:
        """Return how the film itself plays; None if that is not known."""
        try:
            return Playback(**json.loads(self._playback.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def find(self) -> Path | None:
        """Return the copy; None where there is none, or none that is whole."""
        return self.path if self.path.is_file() else None

    def has_piece(self, piece: Piece) -> bool:
        """Whether a piece is made."""
        return self._place(piece).is_file()

    def save_piece(self, piece: Piece, block: bytes) -> None:
        """Keep a piece; OSError if there is no room for it."""
        with written_whole(self._place(piece)) as unfinished:
            unfinished.write_bytes(block)

    def join(self, cut: Cut, pieces: Sequence[Piece], watch: Callable[[], None]) -> None:
        """Make the copy of all of its pieces, and delete them.

        Args:
            cut: the cut.
            pieces: all of its pieces in order, each of them saved.
            watch: called before each; whatever it raises ends the work, and the pieces stay.

        Raises:
            OSError: there is no room for it.
            MediaDamaged: a piece is damaged.
        """
        from pipeline.proxy import join_pieces  # Only here: whoever looks into the library loads no decoder.

        def read() -> Iterator[tuple[Piece, bytes]]:
            for piece in pieces:
                watch()
                yield piece, self._place(piece).read_bytes()

        with written_whole(self.path) as unfinished:
            join_pieces(cut, read(), unfinished)
        self.discard_pieces()

    def discard_pieces(self) -> None:
        """Delete the pieces."""
        shutil.rmtree(self._pieces, ignore_errors=True)

    def discard(self) -> None:
        """Delete the copy, its pieces, and what is known of the film."""
        self.discard_pieces()
        for path in (self.path, self._playback):
            with suppress(OSError):
                path.unlink(missing_ok=True)

    def _place(self, piece: Piece) -> Path:
        """Where a piece lies: pieces of other versions, or of another size, are others."""
        width, height = piece.size_px or (0, 0)
        return self._pieces / f"{PIECE_VERSION}-{piece.start}-{piece.end}-{width}x{height}.mov"
