"""The transcript: timed lines from a subtitle file or from the film's own text track."""

import codecs
import re
import warnings
from collections.abc import Iterable
from pathlib import Path

import av.error
import pysubs2
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream

from pipeline.errors import TranscriptError
from pipeline.streams.probe import DAMAGE, find_origin_s, find_picture, find_sound, find_text_tracks, open_container
from pipeline.types import Cut, Line

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_TAG = re.compile(r"</?(?:[ibusv]|c|font|lang|ruby|rt)\b[^<>]*>", re.IGNORECASE)
"""Markup that SRT, WebVTT and tracks made of them carry; other angle brackets may be what is said."""

_HINT = "Save the subtitles as SRT, WebVTT or ASS in UTF-8, or analyse the film without them."
_LARGEST_BYTES = 50_000_000


def read_transcript(cut: Cut) -> tuple[Line, ...] | None:
    """Read what is said in a cut, and when.

    Markup, drawings and comments are left out, lines are clipped to the film's duration, empty ones dropped.

    Args:
        cut: the cut; its `transcript_path` is read, or else its own text track.

    Returns:
        The lines in order of start, then end; None when the cut has no transcript.

    Raises:
        TranscriptError: the subtitles cannot be read.
    """
    if "transcript" not in cut.streams:
        return None
    if cut.transcript_path is not None:
        return read_lines(cut.transcript_path, duration_s=float(cut.duration_s))
    return _make_lines(_read_track(cut), float(cut.duration_s))


def read_lines(path: Path, *, duration_s: float) -> tuple[Line, ...]:
    """Read the lines of a subtitle file, as `read_transcript` does.

    Args:
        path: the file.
        duration_s: how long the film is, seconds.

    Raises:
        TranscriptError: it cannot be read.
    """
    return _make_lines(_read_file(path), duration_s)


def _read_file(path: Path) -> list[pysubs2.SSAEvent]:
    """Parse a subtitle file, whatever its encoding."""
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise TranscriptError(f"{path.name!r} is too large for subtitles.", _HINT)
        data = path.read_bytes()
    except OSError as error:
        raise TranscriptError(f"The subtitles {path.name!r} cannot be read: {error.strerror}.", _HINT) from error
    try:
        events = _parse_text(_decode_text(data))
    except Exception as error:  # pysubs2 parses a dozen formats and lets through whatever its parsers trip over.
        raise TranscriptError(f"{path.name!r} does not hold subtitles that can be read.", _HINT) from error
    if not events:
        raise TranscriptError(f"There is not one timed line in {path.name!r}.", _HINT)
    return events


def _parse_text(text: str) -> list[pysubs2.SSAEvent]:
    """Parse subtitles of any format that pysubs2 recognises."""
    if not text.strip():
        return []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # A field it replaces by a default takes no line away.
        return list(pysubs2.SSAFile.from_string(text))


def _decode_text(data: bytes) -> str:
    """Decode subtitles: by their byte-order mark, as UTF-8, as UTF-16 without a mark, or as Windows-1252."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.decode(encoding)
    if b"\0" in data[:200]:
        return data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _read_track(cut: Cut) -> list[pysubs2.SSAEvent]:
    """Read the film's own text track, without decoding picture or sound."""
    with open_container(cut.path) as container:
        tracks = find_text_tracks(container)
        if not tracks:
            raise TranscriptError(f"{cut.path.name!r} has lost its subtitle track.", "Analyse the film again.")
        origin_s = find_origin_s(find_picture(container), find_sound(container))
        return [
            event for packet in _read_packets(container, tracks[0]) for event in _decode_packet(packet, float(origin_s))
        ]


def _read_packets(container: InputContainer, track: Stream) -> Iterable["Packet[Stream]"]:
    """Yield the packets of one track up to the file's end or its first damage."""
    try:
        for packet in container.demux(track):
            if packet.size and packet.pts is not None:
                yield packet
    except DAMAGE:
        return


def _decode_packet(packet: "Packet[Stream]", origin_s: float) -> list[pysubs2.SSAEvent]:
    """Decode one packet of a text track into its lines, times in film time."""
    try:
        subtitles = packet.decode()
    except av.error.FFmpegError:
        return []
    start_s = float((packet.pts or 0) * packet.time_base) - origin_s
    end_s = start_s + float((packet.duration or 0) * packet.time_base)
    return [
        pysubs2.SSAEvent(start=round(1000 * start_s), end=round(1000 * end_s), text=_read_dialogue(subtitle.ass))
        for subtitle in subtitles
        if hasattr(subtitle, "ass")
    ]


def _read_dialogue(event: bytes) -> str:
    """Return the text of a decoded ASS event: `ReadOrder,Layer,Style,Name,MarginL,MarginR,MarginV,Effect,Text`."""
    return event.decode("utf-8", errors="replace").split(",", 8)[-1]


def _make_lines(events: Iterable[pysubs2.SSAEvent], duration_s: float) -> tuple[Line, ...]:
    """Turn subtitle events into the transcript's lines."""
    lines = []
    for event in events:
        if event.is_comment or event.is_drawing:
            continue
        text = " ".join(_TAG.sub("", event.plaintext).split())
        start_s, end_s = max(0.0, event.start / 1000), min(duration_s, event.end / 1000)
        if text and start_s < duration_s and end_s >= start_s:
            lines.append(Line(start_s=start_s, end_s=end_s, text=text))
    return tuple(sorted(lines, key=lambda line: (line.start_s, line.end_s)))
