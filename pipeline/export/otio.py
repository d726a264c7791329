"""OpenTimelineIO's own format, written by its library."""

from typing import Any

from pipeline.export.timeline import Event, Timeline


def render_otio(timeline: Timeline) -> str:
    """Write a timeline as .otio: a track of picture, a track of sound, and one clip an event on each.

    Every time is a number of frames at the exact rate. Source times count from midnight, as the cut's timecode does, so
    that the clip's range and the file's available range agree. OTIO has no drop-frame; the metadata say it.

    Args:
        timeline: the timeline, at any rate.

    Returns:
        JSON.

    Raises:
        TimecodeError: a start that is no label.
    """
    import opentimelineio as otio  # A tenth of a second, which no other format should cost.

    rate, media = float(timeline.rate), timeline.media
    start = timeline.count_to_source_start()

    def span(first: int, frames: int) -> Any:
        return otio.opentime.TimeRange(
            otio.opentime.RationalTime(first, rate), otio.opentime.RationalTime(frames, rate)
        )

    def make_clip(event: Event) -> Any:
        marker = otio.schema.Marker(
            name=event.name,
            marked_range=span(start + event.source_in + event.head, event.frames - event.head - event.tail),
            color=otio.schema.MarkerColor.BLUE,
            comment=event.note,
        )
        return otio.schema.Clip(
            name=event.name,
            media_reference=otio.schema.ExternalReference(
                target_url=media.url, available_range=span(start, media.frames)
            ),
            source_range=span(start + event.source_in, event.frames),
            markers=[marker],
            metadata={
                "cmx_3600": {"reel": media.short_reel},
                "throughline": {"note": event.note, "handle_head": event.head, "handle_tail": event.tail},
            },
        )

    written = otio.schema.Timeline(
        name=timeline.title,
        global_start_time=otio.opentime.RationalTime(timeline.count_to_record_start(), rate),
        metadata={
            "throughline": {
                "frame_rate": str(timeline.rate),
                "drop_frame": timeline.is_drop,
                "reel": media.reel,
                "audio_channels": media.channels,
            }
        },
    )
    kinds = [otio.schema.TrackKind.Video] * media.has_picture + [otio.schema.TrackKind.Audio] * (media.channels > 0)
    for kind in kinds:
        clips = [make_clip(event) for event in timeline.events]
        written.tracks.append(otio.schema.Track(name=f"{kind} 1", kind=kind, children=clips))
    return f"{written.to_json_string(indent=2)}\n"
