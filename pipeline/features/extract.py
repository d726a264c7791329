"""From streams to features: one row a second for each stream."""

from collections.abc import Callable, Sequence

import numpy as np

from pipeline.features import audio, frames, transcript
from pipeline.features.evidence import VERSION as EVIDENCE_VERSION
from pipeline.features.evidence import Evidence, gather_evidence
from pipeline.features.transcript import TextModel
from pipeline.types import GRID_HZ, Features, Line, Streams


def extract_features(streams: Streams, *, text_model: TextModel, report: Callable[[float], None]) -> Features:
    """Measure every second of a cut, in one pass over its media.

    Args:
        streams: the opened cut; its iterator is used up.
        text_model: what reads the affect of the transcript's lines.
        report: called with the position in the film, in seconds, as the pass goes along.

    Returns:
        The features, T = `streams.cut.seconds` rows.

    Raises:
        MediaDamaged: not one picture or sound could be decoded.
    """
    evidence = gather_evidence(streams, report)
    return describe_evidence(evidence, streams.lines or (), text_model=text_model)


def describe_evidence(evidence: Evidence, lines: Sequence[Line], *, text_model: TextModel) -> Features:
    """Describe each second from 25 Hz measurements and timed lines, wherever they come from.

    Films and the studyforrest data set both pass through here, so that a network trained on the one reads the other.

    Args:
        evidence: measurements, 25 T rows.
        lines: the transcript, in order of start; empty when there is none.
        text_model: what reads the lines' affect.

    Returns:
        The features, T rows.
    """
    pictures, picture_present, boundaries = frames.describe_pictures(evidence)
    sound, sound_present = audio.describe_sound(evidence)
    words, words_present = transcript.describe_lines(lines, len(evidence.rms) // GRID_HZ, text_model=text_model)
    return Features(
        frames=pictures,
        audio=sound,
        transcript=words,
        present=np.stack([picture_present, sound_present, words_present], axis=1),
        shot_starts_s=evidence.picture_times_s[boundaries],
        columns={
            "frames": frames.COLUMNS,
            "audio": audio.COLUMNS,
            "transcript": transcript.name_columns(text_model),
        },
        extractors={
            "evidence": EVIDENCE_VERSION,
            "frames": frames.VERSION,
            "audio": audio.VERSION,
            "transcript": f"{transcript.VERSION}+{text_model.model_id}",
        },
    )
