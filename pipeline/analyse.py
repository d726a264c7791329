"""The whole way from a cut to its analysis."""

from pipeline.curves import CurveModel, predict_curves
from pipeline.features.extract import extract_features
from pipeline.features.transcript import TextModel
from pipeline.segments import rank_segments
from pipeline.streams.read import open_streams
from pipeline.types import STREAM_WORDS, STREAMS, Analysis, Cut, Features, Line, Progress, Report, ignore_progress

READING_SHARE = 0.96
"""Share of an analysis that reading takes; the network takes most of the rest."""


def analyse_cut(
    cut: Cut, *, text_model: TextModel, curve_model: CurveModel, report: Report = ignore_progress
) -> Analysis:
    """Analyse a cut: streams, features, curves, candidate moments.

    Args:
        cut: from `probe_cut`.
        text_model: reads the affect of dialogue.
        curve_model: draws the curves.
        report: called as the work goes along; may raise `Cancelled`.

    Returns:
        The analysis. The same file gives the same analysis.

    Raises:
        FilmError: the media or the transcript cannot be read, or the weights do not fit.
        Cancelled: `report` asked for it.
    """
    total_s = float(cut.duration_s)

    def report_reading(position_s: float) -> None:
        done = READING_SHARE * min(position_s / total_s, 1)
        report(Progress(stage="Reading picture and sound", done=done, position_s=position_s))

    def report_curves(done: float) -> None:
        share = READING_SHARE + (1 - READING_SHARE) * done
        report(Progress(stage="Drawing the curves", done=share, position_s=done * total_s))

    report_reading(0.0)  # From here on the pace of reading tells the time left.
    streams = open_streams(cut)
    features = extract_features(streams, text_model=text_model, report=report_reading)
    lines = streams.lines or ()
    curves = predict_curves(features, model=curve_model, report=report_curves)
    return Analysis(
        cut=cut,
        features=features,
        curves=curves,
        segments=rank_segments(features, curves, lines, duration_s=total_s),
        lines=lines,
        notes=write_notes(cut, features, lines),
        provenance={"curves": curve_model.model_id, "text": text_model.model_id, **features.extractors},
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
            notes.append(f"The {word} is missing in {missing} of {features.seconds} seconds; there {rest}.")
    return tuple(notes)
