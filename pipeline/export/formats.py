"""Every format that a timeline is handed off in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pipeline.errors import ExportError
from pipeline.export.edl import render_edl, render_edl_drop
from pipeline.export.fcpxml import render_fcpxml
from pipeline.export.markers import render_markers_premiere, render_markers_resolve
from pipeline.export.otio import render_otio
from pipeline.export.subtitles import render_srt
from pipeline.export.tables import render_clips_csv
from pipeline.export.timeline import Timeline
from pipeline.export.xmeml import render_xmeml


@dataclass(frozen=True, kw_only=True)
class Format:
    """One format.

    Attributes:
        suffix: what its files' names end in, with the dot.
        label: what people call it.
        readers: what reads it.
        render: writes a timeline as its text, to be stored as UTF-8.
        is_about_cut: whether it lies on the cut itself, as markers do, and not on the timeline.
    """

    suffix: str
    label: str
    readers: str
    render: Callable[[Timeline], str]
    is_about_cut: bool = False


FORMATS: Mapping[str, Format] = {
    "csv": Format(suffix=".csv", label="Table of clips", readers="spreadsheets", render=render_clips_csv),
    "edl": Format(
        suffix=".edl",
        label="CMX 3600 EDL",
        readers="every editing and grading program, in a project of the film's rate",
        render=render_edl,
    ),
    "edl-drop": Format(
        suffix=".drop.edl",
        label="CMX 3600 EDL, drop-frame",
        readers="the same, where the timeline counts with drop-frame (29.97 and 59.94)",
        render=render_edl_drop,
    ),
    "otio": Format(
        suffix=".otio", label="OpenTimelineIO", readers="DaVinci Resolve, and whatever uses OTIO", render=render_otio
    ),
    "fcpxml": Format(
        suffix=".fcpxml", label="FCPXML 1.9", readers="Final Cut Pro, DaVinci Resolve", render=render_fcpxml
    ),
    "xmeml": Format(
        suffix=".xml", label="FCP7 XML (xmeml 5)", readers="Premiere Pro, DaVinci Resolve", render=render_xmeml
    ),
    "markers-resolve": Format(
        suffix=".markers.edl",
        label="Marker EDL",
        readers="DaVinci Resolve (Timelines, Import, Timeline Markers from EDL)",
        render=render_markers_resolve,
        is_about_cut=True,
    ),
    "markers-premiere": Format(
        suffix=".markers.csv",
        label="Marker table",
        readers="what reads the marker lists of Premiere Pro",
        render=render_markers_premiere,
        is_about_cut=True,
    ),
    "srt": Format(suffix=".srt", label="SubRip subtitles", readers="players and editing programs", render=render_srt),
}
"""By the name that `export --format` knows."""


def render_formats(timeline: Timeline) -> tuple[dict[str, str], dict[str, ExportError]]:
    """Write a timeline in every format that can hold it, as a trailer is handed off.

    Args:
        timeline: the timeline.

    Returns:
        By the names of `FORMATS`, the texts; and for each format that cannot hold it, why.
    """
    texts, refusals = {}, {}
    for name, format_ in FORMATS.items():
        try:
            texts[name] = format_.render(timeline)
        except ExportError as error:
            refusals[name] = error
    return texts, refusals
