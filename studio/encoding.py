"""Encoding cuts with the optional encoders: in a worker or on the command line, for it loads TensorFlow."""

import functools
from collections.abc import Iterable
from pathlib import Path

from pipeline.encodings import Encodings
from pipeline.errors import ModelError
from pipeline.features.hub import Encoders, encode_seconds
from pipeline.footage import Streams
from pipeline.streams.read import read_sound
from pipeline.types import Analysis, Progress, Report
from studio.settings import Settings


def encode_here(
    analysis: Analysis, stills: Iterable[tuple[int, bytes]], *, settings: Settings, report: Report
) -> Encodings:
    """Encode a cut that was analysed.

    Args:
        analysis: the cut's.
        stills: seconds, and the stills of them as JPEG.
        settings: where the encoders are.
        report: called as the work goes along; may raise `Cancelled`.

    Returns:
        The vectors of its seconds.

    Raises:
        ModelError: the encoders cannot be had.
    """
    cut = analysis.cut

    def report_share(done: float) -> None:
        report(Progress(stage="Encoding picture, sound and words", done=1.0, position_s=done * float(cut.duration_s)))

    return encode_seconds(
        stills,
        read_sound(Streams(cut=cut, crop=None, chunks=(), lines=None)) if "audio" in cut.streams else (),
        analysis.lines,
        seconds=cut.seconds,
        encoders=find_encoders(settings),
        report=report_share,
    )


def find_encoders(settings: Settings) -> Encoders:
    """Load the encoders, once a process.

    Raises:
        ModelError: one of them is neither in the cache nor to be had; the hint holds the command that fetches it.
    """
    return _load_encoders(settings.hub_cache)


@functools.cache
def _load_encoders(cache: Path | None) -> Encoders:
    from models.hub_encoders import EncoderMissing, load_hub_encoders

    try:
        return load_hub_encoders(cache)
    except EncoderMissing as error:
        raise ModelError(
            f"The encoder {error.handle} cannot be had: {error.reason}.",
            "Let TFHUB_CACHE_DIR name a folder that holds it, or unset THROUGHLINE_ENCODERS. Where there is a network, this "
            f"fetches it: TFHUB_CACHE_DIR={cache or 'FOLDER'} "
            f"python -c \"import tensorflow_hub; tensorflow_hub.load('{error.handle}')\"",
        ) from error
