"""The whole way from a cut to its analysis."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Protocol

import numpy as np

from pipeline.chunks import Readers
from pipeline.curves import CurveModel, predict_curves
from pipeline.domain import write_warnings
from pipeline.drafts import Draft
from pipeline.features.evidence import Evidence
from pipeline.features.extract import describe_evidence
from pipeline.features.language import describe_language
from pipeline.features.shots import ShotModel
from pipeline.features.transcript import TextModel
from pipeline.footage import Streams
from pipeline.gather import Keep, gather_evidence
from pipeline.removal import VERSION as EFFECTS_VERSION
from pipeline.removal import measure_effects
from pipeline.segments import rank_segments
from pipeline.spoilers import place_spoilers
from pipeline.streams.read import open_streams
from pipeline.types import (
    STREAM_WORDS,
    STREAMS,
    Analysis,
    Bools,
    Cut,
    Features,
    Line,
    Progress,
    Report,
    ignore_progress,
)

READING_SHARE, CURVES_SHARE = 0.94, 0.95
"""Shares of an analysis that are done when the film is read, and when its curves are drawn: the reasons come last."""

SPANS_TOLD = 3
"""Of what is missing, so many places are named."""

Publish = Callable[[Analysis], None]
"""Called with an analysis that is still a draft."""


class Conclude(Protocol):
    """Goes the rest of the way from measurements to an analysis: `conclude_analysis` with its models, here or elsewhere."""

    def __call__(self, streams: Streams, evidence: Evidence, *, draft: Bools | None, report: Report) -> Analysis:
        """Conclude the analysis of a cut.

        Args:
            streams: the cut.
            evidence: its measurements.
            draft: (T,) bool, the seconds of which only a draft was read; None for an analysis that is final.
            report: called as the work goes along; may raise `Cancelled`.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Models:
    """The networks that are asked on the way.

    Attributes:
        text: reads the affect of dialogue.
        curves: draws the curves.
        shots: finds the shots.
    """

    text: TextModel
    curves: CurveModel
    shots: ShotModel


def analyse_cut(
    cut: Cut,
    *,
    text_model: TextModel,
    curve_model: CurveModel,
    shot_model: ShotModel,
    report: Report = ignore_progress,
    keep: Keep | None = None,
    publish: Publish | None = None,
) -> Analysis:
    """Analyse a cut in this process: streams, features, curves, candidate moments.

    Args:
        cut: from `probe_cut`.
        text_model: reads the affect of dialogue.
        curve_model: draws the curves.
        shot_model: finds the shots.
        report: called as the work goes along; may raise `Cancelled`.
        keep: as in `analyse_streams`.
        publish: as in `analyse_streams`.

    Returns:
        The analysis. The same file gives the same analysis.

    Raises:
        FilmError: the media or the transcript cannot be read, or the weights do not fit.
        Cancelled: `report` asked for it.
    """
    conclude = partial(conclude_analysis, models=Models(text=text_model, curves=curve_model, shots=shot_model))
    return analyse_streams(open_streams(cut), conclude=conclude, report=report, keep=keep, publish=publish)


def analyse_streams(
    streams: Streams,
    *,
    conclude: Conclude,
    readers: Readers | None = None,
    report: Report = ignore_progress,
    keep: Keep | None = None,
    publish: Publish | None = None,
) -> Analysis:
    """Analyse a cut whose streams are open: read it, and conclude.

    Args:
        streams: the cut, from `open_streams`.
        conclude: what makes an analysis of measurements.
        readers: who reads; if None, threads of this process.
        report: called as the work goes along; may raise `Cancelled`.
        keep: where finished parts are kept, so that an interrupted analysis goes on where it stopped.
        publish: if given, it is called with a draft from key frames and sound as soon as there is one, and again while
            the full pass takes its place.

    Returns:
        The analysis, the same whoever does the work.

    Raises:
        FilmError: the media cannot be read, or the weights do not fit.
        Cancelled: `report` asked for it.
    """

    def publish_draft(draft: Draft) -> None:
        if publish is not None:
            publish(conclude(streams, draft.evidence, draft=draft.draft, report=ignore_progress))

    def report_reading(progress: Progress) -> None:
        done = READING_SHARE * progress.done
        report(Progress(stage=progress.stage, done=done, position_s=progress.position_s))

    evidence = gather_evidence(
        streams,
        keep=keep,
        report=report_reading,
        publish=None if publish is None else publish_draft,
        readers=readers,
    )
    return conclude(streams, evidence, draft=None, report=report)


def conclude_analysis(
    streams: Streams, evidence: Evidence, *, draft: Bools | None, report: Report, models: Models
) -> Analysis:
    """Go the rest of the way from measurements to an analysis, with the networks.

    Args:
        streams: as in `Conclude`.
        evidence: likewise.
        draft: likewise.
        report: likewise.
        models: the networks.
    """
    cut, lines = streams.cut, streams.lines or ()
    total_s = float(cut.duration_s)

    def report_curves(done: float) -> None:
        share = READING_SHARE + (CURVES_SHARE - READING_SHARE) * done
        report(Progress(stage="Drawing the curves", done=share, position_s=done * total_s))

    def report_effects(done: float) -> None:
        share = CURVES_SHARE + (1 - CURVES_SHARE) * done
        report(Progress(stage="Finding the reasons", done=share, position_s=done * total_s))

    features = describe_evidence(evidence, lines, text_model=models.text, shot_model=models.shots, draft=draft)
    curves = predict_curves(features, model=models.curves, report=report_curves)
    effects = None
    if draft is None:  # The reasons of a draft would be gone before anybody has read them.
        effects = measure_effects(
            features, lines, curve_model=models.curves, text_model=models.text, report=report_effects
        )
    spoilers = place_spoilers(features, curves, duration_s=total_s)
    return Analysis(
        cut=cut,
        features=features,
        curves=curves,
        segments=rank_segments(features, curves, lines, cut=cut, spoilers=spoilers),
        lines=lines,
        notes=(*streams.notes, *write_notes(cut, features, lines), *write_warnings(features, models.curves.domain)),
        effects=effects,
        provenance={
            "curves": models.curves.model_id,
            "text": models.text.model_id,
            "shots": models.shots.model_id,
            "effects": EFFECTS_VERSION,
            **features.extractors,
        },
    )


def write_notes(cut: Cut, features: Features, lines: tuple[Line, ...]) -> tuple[str, ...]:
    """Say in full sentences what a person should know before trusting the curves."""
    notes = []
    for i, stream in enumerate(STREAMS):
        word = STREAM_WORDS[stream]
        missing = int((~features.present[:, i]).sum())
        others = [STREAM_WORDS[other] for j, other in enumerate(STREAMS) if j != i and features.present[:, j].any()]
        rest = f"the curves rest on {' and '.join(others)}"
        if stream == "transcript" and stream in cut.streams and not lines:
            notes.append(f"The subtitles hold no lines inside this cut; {rest}.")
        elif missing == features.seconds:
            verb = "are" if stream == "transcript" else "is"
            notes.append(f"There {verb} no {word}; {rest}.")
        elif missing:
            where = _write_spans(features.present[:, i])
            notes.append(
                f"The {word} is missing or damaged in {missing} of {features.seconds} seconds ({where}); there {rest}."
            )
    if foreign := describe_language(lines):
        notes.append(
            f"The transcript does not read as English: {foreign}. What lines feel like was learned from English alone, so "
            "here the part of the words in the curves means little."
        )
    return tuple(notes)


def _write_spans(present: Bools) -> str:
    """Write the spans of seconds in which something is not present, on the clock of the film, the first `SPANS_TOLD`."""
    edges = np.flatnonzero(np.diff(np.concatenate([[True], present, [True]]).astype(np.int8)))
    spans = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    told = [f"{timedelta(seconds=start)} to {timedelta(seconds=end)}" for start, end in spans[:SPANS_TOLD]]
    more = len(spans) - len(told)
    return ", ".join(told) + (f" and {more} more" if more else "")
