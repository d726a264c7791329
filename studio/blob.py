"""An analysis as one compressed block of bytes, and back: the same analysis always makes the same bytes.

The block is a NumPy .npz archive: every array under its own name, and everything else as JSON in the array `header`.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.effects import Effects
from pipeline.types import STREAMS, Analysis, Aside, Curves, Cut, Features, Line, Reason, Segment

FORMAT = 3
"""Counts up whenever the block or the nouns inside it change."""

_FEATURE_ARRAYS = (*STREAMS, "present", "shot_starts_s", "draft")
_CURVE_ARRAYS = ("values", "low", "high", "shares")
_EFFECT_ARRAYS = ("values", "word_lines", "word_values")


def analysis_to_bytes(analysis: Analysis) -> bytes:
    """Pack an analysis; equal analyses give equal bytes.

    Args:
        analysis: what to pack.

    Returns:
        The archive. Nothing in it is executed when it is read (no pickle).
    """
    arrays = {f"features.{name}": getattr(analysis.features, name) for name in _FEATURE_ARRAYS}
    arrays |= {f"details.{name}": row for name, row in analysis.features.details.items()}
    arrays |= {f"curves.{name}": getattr(analysis.curves, name) for name in _CURVE_ARRAYS}
    if analysis.effects is not None:
        arrays |= {f"effects.{name}": getattr(analysis.effects, name) for name in _EFFECT_ARRAYS}
    header = json.dumps(describe_analysis(analysis), sort_keys=True).encode("ascii")
    arrays["header"] = np.frombuffer(header, dtype=np.uint8)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def bytes_to_analysis(block: bytes) -> Analysis:
    """Unpack what `analysis_to_bytes` packed: the same analysis, to the last bit.

    Args:
        block: the archive.

    Returns:
        The analysis.

    Raises:
        ValueError: the block is damaged or of another format.
    """
    try:
        with np.load(io.BytesIO(block), allow_pickle=False) as arrays:
            header = json.loads(arrays["header"].tobytes())
            if header["format"] != FORMAT:
                raise ValueError(f"format {header['format']} is not {FORMAT}")
            features = {name: arrays[f"features.{name}"] for name in _FEATURE_ARRAYS}
            features["details"] = {name: arrays[f"details.{name}"] for name in header["details"]}
            curves = {name: arrays[f"curves.{name}"] for name in _CURVE_ARRAYS}
            effects = None
            if header.get("effects") is not None:  # An earlier version had none.
                effects = _read_effects(header["effects"], {n: arrays[f"effects.{n}"] for n in _EFFECT_ARRAYS})
        return replace(_read_analysis(header, features, curves), effects=effects)
    except Exception as error:  # The readers of a damaged archive raise whatever they stumble over.
        raise ValueError(f"the analysis is damaged: {error}") from error


def describe_analysis(analysis: Analysis) -> dict[str, Any]:
    """Return all of an analysis but its arrays, as plain JSON values; fractions are written `num/den`."""
    cut, features, effects = analysis.cut, analysis.features, analysis.effects
    return {
        "format": FORMAT,
        "cut": {
            "cut_id": cut.cut_id,
            "path": str(cut.path),
            "title": cut.title,
            "duration_s": str(cut.duration_s),
            "frame_rate": None if cut.frame_rate is None else str(cut.frame_rate),
            "start_timecode": cut.start_timecode,
            "width": cut.width,
            "height": cut.height,
            "streams": list(cut.streams),
            "transcript_path": None if cut.transcript_path is None else str(cut.transcript_path),
            "audio_channels": cut.audio_channels,
        },
        "columns": {name: list(columns) for name, columns in features.columns.items()},
        "extractors": dict(features.extractors),
        "unmeasured": list(features.unmeasured),
        "details": list(features.details),
        "shot_kinds": list(features.shot_kinds),
        "asides": [{"start_s": aside.start_s, "end_s": aside.end_s, "kind": aside.kind} for aside in features.asides],
        "curves": list(analysis.curves.names),
        "model_id": analysis.curves.model_id,
        "effects": effects
        and {
            "causes": list(effects.causes),
            "read": {stream: list(names) for stream, names in effects.read.items()},
            "words": list(effects.words),
        },
        "segments": [
            {
                "start_s": segment.start_s,
                "end_s": segment.end_s,
                "score": segment.score,
                "reasons": [
                    {"name": reason.name, "weight": reason.weight, "value": reason.value} for reason in segment.reasons
                ],
            }
            for segment in analysis.segments
        ],
        "lines": [{"start_s": line.start_s, "end_s": line.end_s, "text": line.text} for line in analysis.lines],
        "notes": list(analysis.notes),
        "provenance": dict(analysis.provenance),
    }


def _read_analysis(header: Mapping[str, Any], features: Mapping[str, Any], curves: Mapping[str, Any]) -> Analysis:
    """Put the nouns together again."""
    return Analysis(
        cut=_read_cut(header["cut"]),
        features=Features(
            **features,
            columns={name: tuple(columns) for name, columns in header["columns"].items()},
            extractors=header["extractors"],
            unmeasured=tuple(header["unmeasured"]),
            shot_kinds=tuple(header["shot_kinds"]),
            asides=tuple(Aside(**aside) for aside in header["asides"]),
        ),
        curves=Curves(**curves, names=tuple(header["curves"]), model_id=header["model_id"]),
        segments=tuple(
            Segment(**{**segment, "reasons": tuple(Reason(**reason) for reason in segment["reasons"])})
            for segment in header["segments"]
        ),
        lines=tuple(Line(**line) for line in header["lines"]),
        notes=tuple(header["notes"]),
        provenance=header["provenance"],
    )


def _read_effects(header: Mapping[str, Any], arrays: Mapping[str, Any]) -> Effects:
    """Put the effects together again."""
    read = {stream: tuple(names) for stream, names in header["read"].items()}
    return Effects(**arrays, causes=tuple(header["causes"]), read=read, words=tuple(header["words"]))


def _read_cut(values: Mapping[str, Any]) -> Cut:
    """Put the cut together again."""
    rate, transcript = values["frame_rate"], values["transcript_path"]
    return Cut(
        **{
            **values,
            "path": Path(values["path"]),
            "duration_s": Fraction(values["duration_s"]),
            "frame_rate": None if rate is None else Fraction(rate),
            "streams": tuple(values["streams"]),
            "transcript_path": None if transcript is None else Path(transcript),
        }
    )
