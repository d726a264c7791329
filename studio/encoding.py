"""Encoding cuts with the optional encoders: in a worker or on the command line, for it loads TensorFlow."""

import functools
import logging
from pathlib import Path

from pipeline.errors import ModelError
from pipeline.features.hub import Encoders, encode_seconds
from pipeline.streams.read import open_streams, read_sound
from pipeline.types import Analysis, Progress, Report
from studio.settings import Settings
from studio.store import Library

logger = logging.getLogger(__name__)


def encode_analysed(library: Library, analysis: Analysis, report: Report) -> None:
    """Encode a cut that was analysed, where the settings ask for it, and keep that; what is kept already is left.

    Args:
        library: where the stills are, and where the vectors go.
        analysis: the cut's.
        report: called as the work goes along; may raise `Cancelled`.

    Raises:
        ModelError: the encoders cannot be had.
    """
    if not library.settings.encoders:
        return
    encoders = find_encoders(library.settings)
    stored, cut = library.find_encodings(analysis.cut.cut_id), analysis.cut
    kept = stored.read()
    if kept is not None and dict(kept.encoders) == dict(encoders.names) and len(kept.present) == cut.seconds:
        return
    stills = library.find_stills(cut.cut_id)
    found = ((second, jpeg) for second in range(cut.seconds) if (jpeg := stills.read(second)) is not None)

    def report_share(done: float) -> None:
        report(Progress(stage="Encoding picture, sound and words", done=1.0, position_s=done * float(cut.duration_s)))

    encodings = encode_seconds(
        found,
        read_sound(open_streams(cut)) if "audio" in cut.streams else (),
        analysis.lines,
        seconds=cut.seconds,
        encoders=encoders,
        report=report_share,
    )
    try:
        stored.write(encodings)
    except OSError as error:
        logger.warning("The encodings of %s could not be kept: %s", cut.title, error)


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
