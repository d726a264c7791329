"""A list of changes as OpenTimelineIO's own format: the second cut rebuilt out of the first, with a marker at every change."""

from typing import Any

from pipeline.clock import timecode_to_frame
from pipeline.export.change_list import ChangeList, ChangeMarker, Piece

COLOURS = {
    "removed": "RED",
    "added": "GREEN",
    "moved": "PURPLE",
    "retimed": "BLUE",
    "picture": "YELLOW",
    "sound": "PINK",
}
"""The colour of the marker of each kind of change, by OpenTimelineIO's names."""


def render_change_otio(changes: ChangeList) -> str:
    """Write a list of changes as .otio.

    The markers lie on the timeline itself, counted from its first frame. A clip's source begins at a frame of its own cut,
    counted from midnight at that cut's rate, and lasts for frames of the second cut: so both are exact whatever the rates.

    Args:
        changes: the list, at any rates.

    Returns:
        JSON.
    """
    import opentimelineio as otio  # A tenth of a second, which no other format should cost.

    rate = float(changes.rate)
    written = otio.schema.Timeline(
        name=changes.title,
        global_start_time=otio.opentime.RationalTime(timecode_to_frame(changes.label_record(0), changes.rate), rate),
        metadata={"throughline": {"a": changes.a.name, "b": changes.b.name, "frame_rate": str(changes.rate)}},
    )
    kinds = ((otio.schema.TrackKind.Video, changes.picture), (otio.schema.TrackKind.Audio, changes.sound))
    for kind, pieces in kinds:
        if pieces:
            clips = [_make_clip(otio, piece, changes) for piece in pieces]
            written.tracks.append(otio.schema.Track(name=f"{kind} 1", kind=kind, children=clips))
    written.tracks.markers.extend([_make_marker(otio, marker, rate) for marker in changes.markers])
    return f"{written.to_json_string(indent=2)}\n"


def _make_clip(otio: Any, piece: Piece, changes: ChangeList) -> Any:
    """Make the clip of a piece; one that is retimed has its speed as an effect."""
    media, source_rate = changes.find_media(piece), float(changes.find_rate(piece))
    start = timecode_to_frame(changes.label_source(piece, 0), changes.find_rate(piece))
    time, span = otio.opentime.RationalTime, otio.opentime.TimeRange
    clip = otio.schema.Clip(
        name=piece.kind,
        media_reference=otio.schema.ExternalReference(
            target_url=media.url, available_range=span(time(start, source_rate), time(media.frames, source_rate))
        ),
        source_range=span(
            time(start + piece.source_in, source_rate), time(piece.record_out - piece.record_in, float(changes.rate))
        ),
        metadata={
            "cmx_3600": {"reel": media.short_reel},
            "throughline": {"kind": piece.kind, "cut": piece.side, "source_out": start + piece.source_out},
        },
    )
    if piece.speed != 1:
        clip.effects.append(otio.schema.LinearTimeWarp(name="retimed", time_scalar=piece.speed))
    return clip


def _make_marker(otio: Any, marker: ChangeMarker, rate: float) -> Any:
    """Make the marker of a change."""
    change = marker.change
    return otio.schema.Marker(
        name=change.kind,
        marked_range=otio.opentime.TimeRange(
            otio.opentime.RationalTime(marker.first, rate), otio.opentime.RationalTime(marker.frames, rate)
        ),
        color=COLOURS[change.kind],
        comment=marker.note,
        metadata={
            "throughline": {
                "kind": change.kind,
                "a_start_s": change.a_start_s,
                "a_end_s": change.a_end_s,
                "b_start_s": change.b_start_s,
                "b_end_s": change.b_end_s,
            }
        },
    )
