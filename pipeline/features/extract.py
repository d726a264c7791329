"""From measurements to features: one row a second for each stream."""

from collections.abc import Sequence

import numpy as np

from pipeline.features import asides, audio, frames, shot_columns, transcript
from pipeline.features.evidence import VERSION as EVIDENCE_VERSION
from pipeline.features.evidence import Evidence
from pipeline.features.shots import ShotModel, find_shots
from pipeline.features.transcript import TextModel
from pipeline.types import GRID_HZ, Bools, Features, Line


def describe_evidence(
    evidence: Evidence,
    lines: Sequence[Line],
    *,
    text_model: TextModel,
    shot_model: ShotModel | None = None,
    draft: Bools | None = None,
) -> Features:
    """Describe each second from 25 Hz measurements and timed lines, wherever they come from.

    Films and the studyforrest data set both pass through here, so that a network trained on the one reads the other.

    Args:
        evidence: measurements, 25 T rows.
        lines: the transcript, in order of start; empty when there is none.
        text_model: what reads the lines' affect.
        shot_model: what finds the shots; if None, they are found by the rule of thumb, and how they begin is not told.
        draft: (T,) bool, seconds whose picture was measured from key frames alone; None for no second.

    Returns:
        The features, T rows.
    """
    pictures, picture_present, boundaries = frames.describe_pictures(evidence)
    shots = None if shot_model is None else find_shots(evidence, model=shot_model)
    starts_s = evidence.picture_times_s[boundaries if shots is None else shots.rows]
    sound, sound_present = audio.describe_sound(evidence)
    seconds = len(evidence.rms) // GRID_HZ
    words, words_present = transcript.describe_lines(lines, seconds, text_model=text_model)
    return Features(
        frames=pictures,
        audio=sound,
        transcript=words,
        present=np.stack([picture_present, sound_present, words_present], axis=1),
        shot_starts_s=starts_s,
        shot_kinds=() if shots is None else shots.kinds,
        columns={
            "frames": frames.COLUMNS,
            "audio": audio.COLUMNS,
            "transcript": transcript.name_columns(text_model),
        },
        extractors=name_extractors(text_model.model_id),
        draft=np.zeros(seconds, np.bool_) if draft is None else draft,
        details=evidence.details,
        asides=asides.find_asides(evidence, starts_s),
        unmeasured=() if draft is None else frames.MOVING_COLUMNS,
    )


def name_extractors(text_model_id: str) -> dict[str, str]:
    """Name what makes each stream's measurements, with its version.

    Args:
        text_model_id: what reads the lines' affect.
    """
    return {
        "evidence": EVIDENCE_VERSION,
        "frames": frames.VERSION,
        "shot_columns": shot_columns.VERSION,
        "asides": asides.VERSION,
        "audio": audio.VERSION,
        "transcript": f"{transcript.VERSION}+{text_model_id}",
    }
