"""The XML of Final Cut Pro 7 (xmeml), which Premiere Pro and DaVinci Resolve read.

Our own text: OpenTimelineIO's adapter leaves out picture size, channels, reels and links. In and out count from the
file's first frame, and the file's own timecode stands beside them.

Source: Apple's Final Cut Pro XML Interchange Format, version 5.
"""

from xml.etree.ElementTree import Element

from pipeline.clock import split_rate
from pipeline.export.limits import check_rate
from pipeline.export.markup import add, write_document
from pipeline.export.timeline import Event, Timeline

_FILE, _MASTER = "file-1", "masterclip-1"


def render_xmeml(timeline: Timeline) -> str:
    """Write a timeline as a sequence: a track of picture, a track for each channel of sound, linked clip by clip.

    Args:
        timeline: the timeline.

    Returns:
        The document.

    Raises:
        ExportError: a rate that is neither whole nor 1000/1001 of a whole one.
        TimecodeError: a start that is no label.
    """
    check_rate(timeline, "FCP7 XML")
    media = timeline.media
    root = Element("xmeml", version="5")
    sequence = add(root, "sequence", id="sequence-1")
    add(sequence, "name", timeline.title)
    add(sequence, "duration", timeline.frames)
    _add_rate(sequence, timeline)
    _add_timecode(sequence, timeline, timeline.find_record_start(), timeline.count_to_record_start())
    tracks = add(sequence, "media")
    is_written = False
    if media.has_picture:
        video = add(tracks, "video")
        size = add(add(video, "format"), "samplecharacteristics")
        _add_rate(size, timeline)
        add(size, "width", media.width)
        add(size, "height", media.height)
        is_written = _add_track(video, timeline, kind="video", channel=1, is_written=is_written)
    if media.channels:
        audio = add(tracks, "audio")
        add(audio, "numOutputChannels", media.channels)
        for channel in range(1, media.channels + 1):
            is_written = _add_track(audio, timeline, kind="audio", channel=channel, is_written=is_written)
    for event in timeline.events:
        _add_marker(sequence, event)
    return write_document(root)


def _add_track(parent: Element, timeline: Timeline, *, kind: str, channel: int, is_written: bool) -> bool:
    """Add a track with all its clips. The file is described where it is first named; says whether it is now."""
    track = add(parent, "track")
    for number, event in enumerate(timeline.events, start=1):
        clip = add(track, "clipitem", id=_name_clip(kind, channel, number))
        add(clip, "masterclipid", _MASTER)
        add(clip, "name", event.name)
        add(clip, "enabled", "TRUE")
        add(clip, "duration", timeline.media.frames)
        _add_rate(clip, timeline)
        add(clip, "start", event.record_in)
        add(clip, "end", event.record_out)
        add(clip, "in", event.source_in)
        add(clip, "out", event.source_out)
        file = add(clip, "file", id=_FILE)
        if not is_written:
            _describe_file(file, timeline)
            is_written = True
        source = add(clip, "sourcetrack")
        add(source, "mediatype", kind)
        add(source, "trackindex", channel)
        _add_links(clip, timeline, number)
        if event.note:
            add(add(clip, "comments"), "mastercomment1", event.note)
    if kind == "audio":
        add(track, "outputchannelindex", channel)
    return is_written


def _describe_file(file: Element, timeline: Timeline) -> None:
    """Describe the file: where it is, how long, its timecode and reel, and what is in it."""
    media = timeline.media
    add(file, "name", media.name)
    add(file, "pathurl", media.url)
    _add_rate(file, timeline)
    add(file, "duration", media.frames)
    timecode = _add_timecode(file, timeline, timeline.find_source_start(), timeline.count_to_source_start())
    add(add(timecode, "reel"), "name", media.reel)
    content = add(file, "media")
    if media.has_picture:
        size = add(add(content, "video"), "samplecharacteristics")
        add(size, "width", media.width)
        add(size, "height", media.height)
    if media.channels:
        add(add(content, "audio"), "channelcount", media.channels)


def _add_links(clip: Element, timeline: Timeline, number: int) -> None:
    """Link the picture and the channels of one clip, so that they move together."""
    media = timeline.media
    parts = [("video", 1)] * media.has_picture + [("audio", channel) for channel in range(1, media.channels + 1)]
    if len(parts) < 2:
        return
    for kind, channel in parts:
        link = add(clip, "link")
        add(link, "linkclipref", _name_clip(kind, channel, number))
        add(link, "mediatype", kind)
        add(link, "trackindex", channel)
        add(link, "clipindex", number)


def _add_marker(sequence: Element, event: Event) -> None:
    """Mark on the sequence what was chosen, without handles."""
    marker = add(sequence, "marker")
    add(marker, "name", event.name)
    add(marker, "comment", event.note)
    add(marker, "in", event.record_in + event.head)
    add(marker, "out", event.record_out - event.tail)


def _add_timecode(parent: Element, timeline: Timeline, label: str, frame: int) -> Element:
    """Add a timecode: its label, and the same as frames from midnight."""
    timecode = add(parent, "timecode")
    _add_rate(timecode, timeline)
    add(timecode, "string", label)
    add(timecode, "frame", frame)
    add(timecode, "displayformat", "DF" if ";" in label else "NDF")
    return timecode


def _add_rate(parent: Element, timeline: Timeline) -> None:
    """Add the rate: frames counted to a second, and whether it runs at 1000/1001 of that."""
    nominal, is_ntsc = split_rate(timeline.rate)
    rate = add(parent, "rate")
    add(rate, "timebase", nominal)
    add(rate, "ntsc", "TRUE" if is_ntsc else "FALSE")


def _name_clip(kind: str, channel: int, number: int) -> str:
    """The id of the clip of an event on a track."""
    return f"clipitem-{kind}-{channel}-{number}"
