"""What workers do: each a function that takes all it needs and returns all it made, so that no folder need be shared.

The first argument of each is the topic on which it tells its progress. Only `conclude`, `load` and those of the encoders
ask networks, which are loaded once a process; a worker that reads films never loads them.
"""

import importlib
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from models.shipped import identify_curve_model
from pipeline import chunks
from pipeline.encodings import Encodings
from pipeline.errors import ModelError
from pipeline.features.evidence import Evidence, PictureEvidence, SoundEvidence
from pipeline.footage import Chunk, Piece, Playback, Streams
from pipeline.proxy import make_piece, plan_pieces
from pipeline.sequence import Trailer
from pipeline.streams.playback import judge_playback
from pipeline.streams.probe import check_readable, probe_cut
from pipeline.streams.read import open_streams
from pipeline.streams.source import describe_state
from pipeline.types import Analysis, Bools, Cut, Report, SpoilerZone
from studio.cluster import tell_progress
from studio.settings import read_settings

NETWORKS_MODULE = "studio.networks"
"""Where the networks are loaded: found by name and only here, so that the process which gives tasks never loads them."""

TELL_S = 0.25
"""How often a task tells its progress, and looks whether it is still wanted."""


def probe(topic: str, path: Path, title: str | None, start_timecode: str | None) -> Cut:
    """Probe a film, as `probe_cut`, telling how much of its file has been read, bytes."""
    return probe_cut(path, title=title, start_timecode=start_timecode, tell_read=_tell_now_and_then(topic))


def judge(topic: str, path: Path) -> Playback:
    """Judge how a film plays in a browser, as `judge_playback`."""
    return judge_playback(path)


def describe_film(topic: str, path: Path) -> tuple[int, str]:
    """Return the size of a film and what changes whenever it does, as `describe_state`; FilmError if it has gone."""
    check_readable(path)
    return describe_state(path)


def open_film(topic: str, cut: Cut) -> Streams:
    """Find out how to read a cut, as `open_streams`."""
    return open_streams(cut)


def measure_sound(topic: str, streams: Streams) -> SoundEvidence:
    """Measure the sound of a cut."""
    return chunks.read_whole_sound(streams, report=_tell_now_and_then(topic))


def measure_key_frames(topic: str, streams: Streams) -> PictureEvidence:
    """Measure the key frames of a cut."""
    return chunks.read_key_frames(streams, report=_tell_now_and_then(topic))


def measure_chunk(topic: str, streams: Streams, chunk: Chunk) -> PictureEvidence:
    """Measure one chunk of a cut's picture."""
    return chunks.read_chunk(streams, chunk, report=_tell_now_and_then(topic), threads=_count_decoders())


def plan_proxy(topic: str, cut: Cut) -> tuple[Piece, ...]:
    """Divide a light copy of a cut into pieces, as `plan_pieces`."""
    return plan_pieces(cut)


def make_proxy_piece(topic: str, cut: Cut, piece: Piece) -> bytes:
    """Make one piece of a light copy of a cut, telling the position in the cut."""
    tell = _tell_now_and_then(topic)
    return make_piece(cut, piece, threads=_count_decoders(), report=lambda progress: tell(progress.position_s))


def load(topic: str, curves: str) -> None:
    """Load the networks ahead of the first film that asks them."""
    check_curves(curves)
    importlib.import_module(NETWORKS_MODULE).load_models(read_settings().curves)


def check_curves(curves: str) -> None:
    """See that this worker draws curves with the weights that are wanted.

    Raises:
        ModelError: it has others.
    """
    if (own := identify_curve_model(read_settings().curves)) != curves:
        raise ModelError(
            f"A worker would draw the curves with {own}, where {curves} is wanted.",
            "Set THROUGHLINE_CURVES of the workers to the same weights as the app's.",
        )


def name_encoders(topic: str) -> dict[str, str]:
    """Load the optional encoders, and say which they are."""
    names: dict[str, str] = importlib.import_module(NETWORKS_MODULE).OwnCrew(read_settings()).name_encoders()
    return names


def encode(topic: str, analysis: Analysis, stills: Sequence[tuple[int, bytes]]) -> Encodings:
    """Encode a cut that was analysed, telling its progress."""
    crew = importlib.import_module(NETWORKS_MODULE).OwnCrew(read_settings())
    encodings: Encodings = crew.encode(analysis, stills, _tell_progress(topic))
    return encodings


def conclude(topic: str, streams: Streams, evidence: Evidence, draft: Bools | None, curves: str) -> Analysis:
    """Make an analysis of measurements, telling its progress."""
    check_curves(curves)
    analysis: Analysis = importlib.import_module(NETWORKS_MODULE).conclude_here(
        streams, evidence, draft=draft, report=_tell_progress(topic), curves=read_settings().curves
    )
    return analysis


def render(
    topic: str, analysis: Analysis, trailer: Trailer, spoilers: tuple[SpoilerZone, ...], person: str
) -> dict[str, bytes]:
    """Render the trailer of a cut, telling its progress.

    Returns:
        The files of its folder, by name.
    """
    write_trailer: Callable[..., Any] = importlib.import_module("studio.trailers").write_trailer
    with tempfile.TemporaryDirectory(prefix="throughline-") as name:
        folder = Path(name, "preview")
        write_trailer(
            analysis,
            trailer,
            folder,
            film=analysis.cut.path,
            spoilers=spoilers,
            person=person,
            report=_tell_progress(topic),
        )
        return {path.name: path.read_bytes() for path in folder.iterdir()}


def _tell_now_and_then(topic: str) -> Callable[..., None]:
    """Make the hook that tells values, not too often."""
    last_s = 0.0

    def tell(*values: str | float) -> None:
        nonlocal last_s
        if time.monotonic() - last_s >= TELL_S:
            last_s = time.monotonic()
            tell_progress(topic, *values)

    return tell


def _tell_progress(topic: str) -> Report:
    """Make the hook that tells all of a progress."""
    tell = _tell_now_and_then(topic)
    return lambda progress: tell(progress.stage, progress.done, progress.position_s)


def _count_decoders() -> int:
    """How many threads decode a chunk: as set for this worker, or this machine's cores shared among its tasks."""
    from distributed import get_worker

    return read_settings().decoders or max(1, (os.cpu_count() or 1) // get_worker().state.nthreads)
