"""FCPXML, which Final Cut Pro reads, and DaVinci Resolve too.

Our own text: OpenTimelineIO's adapter rounds the rates of NTSC. Every time is a whole number of frames as a rational
number of seconds, 1001/24000s say, and so on the frame exactly.

Source: Apple's FCPXML reference, version 1.9.
"""

from xml.etree.ElementTree import Element

from pipeline.clock import frame_to_ratio, split_rate
from pipeline.errors import ExportError
from pipeline.export.limits import check_rate
from pipeline.export.markup import add, write_document
from pipeline.export.timeline import Event, Timeline

VERSION = "1.9"
"""Read by Final Cut Pro from 10.4.9 and by Resolve from 17 on; the first that has media-rep."""

RATES = ((24, True), (24, False), (25, False), (30, True), (30, False), (50, False), (60, True), (60, False))
"""The rates that projects of Final Cut Pro have: frames counted, and whether they run at 1000/1001 of it."""

_FORMAT, _ASSET = "r1", "r2"


def render_fcpxml(timeline: Timeline) -> str:
    """Write a timeline as an FCPXML project.

    A cut without a picture has a sequence of 1920 by 1080, for Final Cut Pro has no other without pictures.

    Args:
        timeline: the timeline.

    Returns:
        The document.

    Raises:
        ExportError: a rate that Final Cut Pro has no projects of.
        TimecodeError: a start that is no label.
    """
    check_rate(timeline, "FCPXML, which Final Cut Pro reads,")
    if split_rate(timeline.rate) not in RATES:
        raise ExportError(
            f"FCPXML cannot hold {float(timeline.rate):.5g} frames a second: Final Cut Pro has no projects of that rate.",
            "Export otio or xmeml, or give the film a common constant frame rate first.",
        )
    media, counting = timeline.media, "DF" if timeline.is_drop else "NDF"
    root = Element("fcpxml", version=VERSION)
    _add_resources(root, timeline)
    project = add(add(root, "event", name=timeline.title), "project", name=timeline.title)
    sequence = add(
        project,
        "sequence",
        format=_FORMAT,
        duration=_write_time(timeline.frames, timeline),
        tcStart=_write_time(timeline.count_to_record_start(), timeline),
        tcFormat=counting,
        audioLayout=("surround" if media.channels > 2 else "stereo") if media.channels else None,
        audioRate="48k" if media.channels else None,
    )
    spine = add(sequence, "spine")
    for event in timeline.events:
        _add_clip(spine, event, timeline, counting)
    return write_document(root)


def _add_resources(root: Element, timeline: Timeline) -> None:
    """Add the format, and the file."""
    media = timeline.media
    resources = add(root, "resources")
    add(
        resources,
        "format",
        id=_FORMAT,
        name="FFVideoFormatRateUndefined" if not media.has_picture else None,
        frameDuration=_write_time(1, timeline),
        width=media.width or 1920,
        height=media.height or 1080,
    )
    asset = add(
        resources,
        "asset",
        id=_ASSET,
        name=media.name,
        start=_write_time(timeline.count_to_source_start(), timeline),
        duration=_write_time(media.frames, timeline),
        hasVideo="1" if media.has_picture else None,
        format=_FORMAT if media.has_picture else None,
        videoSources="1" if media.has_picture else None,
        hasAudio="1" if media.channels else None,
        audioSources="1" if media.channels else None,
        audioChannels=media.channels or None,
    )
    add(asset, "media-rep", kind="original-media", src=media.url)
    add(add(asset, "metadata"), "md", key="com.apple.proapps.studio.reel", value=media.reel)


def _add_clip(spine: Element, event: Event, timeline: Timeline, counting: str) -> None:
    """Add a clip with its note, and a marker where what was chosen begins behind the handle."""
    start = timeline.count_to_source_start()
    clip = add(
        spine,
        "asset-clip",
        ref=_ASSET,
        offset=_write_time(timeline.count_to_record_start() + event.record_in, timeline),
        name=event.name,
        start=_write_time(start + event.source_in, timeline),
        duration=_write_time(event.frames, timeline),
        format=_FORMAT,
        tcFormat=counting,
        audioRole="dialogue" if timeline.media.channels else None,
    )
    if event.note:
        add(clip, "note", event.note)
    add(
        clip,
        "marker",
        start=_write_time(start + event.source_in + event.head, timeline),
        duration=_write_time(1, timeline),
        value=event.name,
        note=event.note or None,
    )


def _write_time(frames: int, timeline: Timeline) -> str:
    """Write frames as seconds: a fraction over the rate's own numerator, or whole."""
    numerator, denominator = frame_to_ratio(frames, timeline.rate)
    whole, rest = divmod(numerator, denominator)
    return f"{whole}s" if rest == 0 else f"{numerator}/{denominator}s"
