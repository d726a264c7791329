r"""Tables as CSV text: the curves, shots and segments of an analysis, and the clips of a timeline.

UTF-8, comma-separated, `\n` line ends, a header row, fixed decimals: one analysis always gives the same bytes.
"""

import csv
import io
from collections.abc import Iterable, Sequence

import numpy as np

from pipeline.clock import frame_to_seconds
from pipeline.export.timeline import Timeline
from pipeline.types import STREAMS, Analysis, Curves


def render_curves_csv(analysis: Analysis) -> str:
    """Write the curves, one row a second.

    The columns: `second` (t, the row covers [t, t+1)), `timecode` (of its first frame), for each curve `NAME`,
    `NAME_low` and `NAME_high`, then `frames_share`, `audio_share` and `transcript_share`: the streams' shares in
    tension.

    Args:
        analysis: the analysis.

    Returns:
        T + 1 lines of text.
    """
    curves = analysis.curves
    header = ["second", "timecode", *name_curve_columns(curves.names)]
    rows = [
        [str(second), analysis.cut.timecode(second), *write_second(curves, second)]
        for second in range(len(curves.values))
    ]
    return write_table(header, rows)


def name_curve_columns(curves: Sequence[str]) -> list[str]:
    """Name the columns of `write_second`: for each curve `NAME`, `NAME_low` and `NAME_high`, then the streams' shares."""
    columns = [column for name in curves for column in (name, f"{name}_low", f"{name}_high")]
    return columns + [f"{stream}_share" for stream in STREAMS]


def write_second(curves: Curves, second: int) -> list[str]:
    """Write what the curves say of one second, counted from the first of them."""
    columns = np.stack([curves.values[second], curves.low[second], curves.high[second]], axis=-1)  # (C, 3)
    shares = curves.shares[second, curves.names.index("tension")]
    return [write_decimal(value) for value in (*columns.ravel(), *shares)]


def render_shots_csv(analysis: Analysis) -> str:
    """Write the shots in order: `shot` (from 1), `start_s`, `end_s`, `start_timecode`, `end_timecode` (exclusive).

    Args:
        analysis: the analysis.

    Returns:
        A line for each shot; only the header where the cut has no picture.
    """
    cut = analysis.cut
    starts = [float(start_s) for start_s in analysis.features.shot_starts_s]
    spans = zip(starts, [*starts[1:], float(cut.duration_s)], strict=False) if "frames" in cut.streams else ()
    rows = [
        [str(number), write_decimal(start_s), write_decimal(end_s), cut.timecode(start_s), cut.timecode(end_s)]
        for number, (start_s, end_s) in enumerate(spans, start=1)
    ]
    return write_table(["shot", "start_s", "end_s", "start_timecode", "end_timecode"], rows)


def render_segments_csv(analysis: Analysis) -> str:
    """Write the segments, best first: `rank` (from 1), start and end as in the shots, `score`, `reasons`.

    Reasons are `name=weight` joined by `;`, in the order of the segment.

    Args:
        analysis: the analysis.

    Returns:
        A line for each segment.
    """
    cut = analysis.cut
    rows = []
    for rank, segment in enumerate(analysis.segments, start=1):
        span = (segment.start_s, segment.end_s)
        reasons = ";".join(f"{reason.name}={write_decimal(reason.weight)}" for reason in segment.reasons)
        times = [*map(write_decimal, span), *map(cut.timecode, span)]
        rows.append([str(rank), *times, write_decimal(segment.score), reasons])
    return write_table(["rank", "start_s", "end_s", "start_timecode", "end_timecode", "score", "reasons"], rows)


def render_clips_csv(timeline: Timeline) -> str:
    """Write the clips of a timeline in playing order, ends exclusive, handles included.

    The columns: `clip` (its name), where it is from (`source_start_s`, `source_end_s`, and as timecode), where it plays
    (`start_timecode`, `end_timecode`), `handle_head` and `handle_tail` (frames), and `note`.

    Args:
        timeline: the timeline.

    Returns:
        A line for each clip.
    """
    rows = []
    for event in timeline.events:
        source, record = (event.source_in, event.source_out), (event.record_in, event.record_out)
        times = [
            *(write_decimal(float(frame_to_seconds(frame, timeline.rate))) for frame in source),
            *map(timeline.label_source, source),
        ]
        handles = [str(event.head), str(event.tail)]
        rows.append([event.name, *times, *map(timeline.label_record, record), *handles, event.note])
    source_columns = ["source_start_s", "source_end_s", "source_start_timecode", "source_end_timecode"]
    header = ["clip", *source_columns, "start_timecode", "end_timecode", "handle_head", "handle_tail", "note"]
    return write_table(header, rows)


def write_decimal(number: float) -> str:
    """Six decimals, and no negative zero."""
    text = f"{float(number):.6f}"
    return "0.000000" if text == "-0.000000" else text


def write_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write rows as CSV text, quoted only where a cell needs it."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue()
