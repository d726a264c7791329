"""Rendered trailers of a cut: one folder for each sequence that was rendered, the latest of each template."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from pipeline.sequence import Trailer
from studio.settings import Settings

FILM, REPORT = "preview.mp4", "trailer.json"
"""What a folder holds, among other things."""


class Previews:
    """The rendered trailers of one cut.

    Args:
        settings: this machine's settings.
        cut_id: the cut's whole id.
    """

    def __init__(self, settings: Settings, cut_id: str) -> None:
        self._folder = settings.home / "previews" / cut_id

    def place(self, trailer: Trailer, person: str) -> Path:
        """Return the folder of a trailer's rendering: its name changes with every clip and with whom it is for."""
        clips = [[str(clip.start_s), str(clip.end_s)] for clip in trailer.clips]
        digest = hashlib.sha256(json.dumps([clips, person]).encode()).hexdigest()[:16]
        return self._folder / f"{trailer.template}-{digest}"

    def find_film(self, trailer: Trailer, person: str) -> Path | None:
        """Return the rendering of a trailer; None where it has not been rendered."""
        path = self.place(trailer, person) / FILM
        return path if path.is_file() else None

    def read_report(self, trailer: Trailer, person: str) -> dict[str, Any]:
        """Return what was written of a rendered trailer, its pre-check among it; empty where there is nothing."""
        try:
            report: dict[str, Any] = json.loads((self.place(trailer, person) / REPORT).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return report

    def keep_only(self, folder: Path) -> None:
        """Delete what was rendered of the same template before."""
        template = folder.name.rpartition("-")[0]
        for other in self._folder.glob(f"{template}-*"):
            if other != folder and other.name.rpartition("-")[0] == template:
                shutil.rmtree(other, ignore_errors=True)

    def discard(self) -> None:
        """Delete all of them."""
        shutil.rmtree(self._folder, ignore_errors=True)
