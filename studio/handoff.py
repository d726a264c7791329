"""What is handed to an editor of a cut that has no trailer: its moments on a timeline, markers, lines, curves."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from pipeline.bins import fill_bins
from pipeline.clock import count_frames, frame_to_seconds, seconds_to_frame
from pipeline.export.formats import FORMATS
from pipeline.export.layout import TimelineOptions, find_whole, make_timeline
from pipeline.export.tables import render_curves_csv
from pipeline.moments.peaks import find_peaks
from pipeline.segments import segments_to_clips
from pipeline.sequence import Clip
from pipeline.types import Analysis, Cut
from studio.choices import MomentChoices, list_spoilers
from studio.ranking import rank_moments
from studio.remarks import Note


@dataclass(frozen=True, kw_only=True)
class HandoffOptions:
    """What of a cut is handed off.

    Attributes:
        choices: what a person wants of moments.
        bin_name: the bin whose moments are meant instead of the ranked ones.
        in_order: in the order of the film instead of the best first.
        timeline: how they are laid out.
        notes: what people noted of the cut.
    """

    choices: MomentChoices = field(default_factory=MomentChoices)
    bin_name: str | None = None
    in_order: bool = False
    timeline: TimelineOptions = field(default_factory=TimelineOptions)
    notes: Sequence[Note] = ()


def export_cut(analysis: Analysis, *, format_name: str, options: HandoffOptions | None = None) -> str:
    """Write a cut in one format.

    `csv` is the table of its curves, `srt` all of its lines. Formats of markers hold its moments, its peaks of tension
    and what people noted, on the cut itself. Every other one is a string-out: the moments, one behind the other.

    Args:
        analysis: the cut's analysis.
        format_name: one of `FORMATS`.
        options: what of it.

    Returns:
        The text.

    Raises:
        ExportError: there is nothing to write, or the format cannot hold it.
        TimecodeError: the start asked for is no label.
    """
    options, cut = options or HandoffOptions(), analysis.cut
    if format_name == "csv":
        return render_curves_csv(analysis)
    if format_name == "srt":
        clips: Sequence[Clip] = [find_whole(cut)]
    else:
        clips = _choose_clips(analysis, options)
        if FORMATS[format_name].is_about_cut:
            clips = [*clips, *_mark_peaks(analysis, options.choices), *_mark_notes(cut, options.notes)]
    timeline = make_timeline(cut, clips, lines=analysis.lines, options=options.timeline)
    return FORMATS[format_name].render(timeline)


def _choose_clips(analysis: Analysis, options: HandoffOptions) -> Sequence[Clip]:
    """Choose the moments that are wanted, as clips."""
    cut, choices = analysis.cut, options.choices
    if options.bin_name is None:
        segments = rank_moments(analysis, choices)
    else:
        spoilers = list_spoilers(analysis, choices)
        bins = fill_bins(
            analysis.features, analysis.curves, analysis.lines, cut=cut, spoilers=spoilers, most=choices.most
        )
        segments = bins[options.bin_name]
    if options.in_order:
        segments = tuple(sorted(segments, key=lambda segment: segment.start_s))
    return segments_to_clips(segments, cut, role=options.bin_name or "segment")


def _mark_peaks(analysis: Analysis, choices: MomentChoices) -> list[Clip]:
    """Mark the peaks of tension, as many as moments are wanted, each as one frame."""
    cut, spoilers = analysis.cut, list_spoilers(analysis, choices)
    clips = []
    for second, tension in find_peaks(analysis.features, analysis.curves, most=choices.most, spoilers=spoilers):
        clips.append(_mark_frame(cut, Fraction(second), f"tension peak {tension:.2f}"))
    return clips


def _mark_notes(cut: Cut, notes: Sequence[Note]) -> list[Clip]:
    """Mark what people noted, each as one frame."""
    return [_mark_frame(cut, note.at_s, f"{note.text} ({note.person})") for note in notes]


def _mark_frame(cut: Cut, at_s: Fraction | float, role: str) -> Clip:
    """Mark the frame that is on show at an instant of the film, whose sound may be longer than its picture."""
    last = count_frames(cut.duration_s, cut.timecode_rate) - 1
    frame = min(seconds_to_frame(at_s, cut.timecode_rate), max(last, 0))
    start_s, end_s = (frame_to_seconds(frame + step, cut.timecode_rate) for step in (0, 1))
    return Clip(start_s=start_s, end_s=end_s, role=role)
