"""Reading a film: one decode of the picture, chunk by chunk, and one of the sound, both on the clock of the film."""

import math
import os
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av.error
from av.audio.stream import AudioStream
from av.codec.context import ThreadType
from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from pipeline.footage import Chunk, Pictures, Sound, Streams
from pipeline.streams.ahead import read_ahead
from pipeline.streams.audio import SoundTrack
from pipeline.streams.chunks import plan_chunks
from pipeline.streams.frames import PictureTrack
from pipeline.streams.letterbox import detect_letterbox, sample_pictures
from pipeline.streams.probe import DAMAGE, find_end_s, find_origin_s, find_picture, find_sound, open_container
from pipeline.streams.scaler import PictureScaler
from pipeline.streams.start_timecode import list_labels
from pipeline.streams.transcript import read_transcript
from pipeline.types import Cut

Packets = Generator["Packet[Any] | None", None, None]
"""Packets in order, and None behind the last."""

_BATCH = 32
"""Pictures handed over at once."""

_FRAMES_AHEAD = 4
"""Decoded frames that wait for being measured, while the decoder goes on."""

_THREAD_BYTES = 256_000_000
"""What the frames that the decoder's threads work on may take: at 8K, that is less than one frame for every core."""

_MOST_THREADS = 16
_MOST_BITS = 64
_MOST_FAILURES = 100
"""Reads in a row that may fail before the rest of a file is given up."""


@dataclass(frozen=True, kw_only=True)
class ReadOptions:
    """How a cut is divided.

    Attributes:
        chunk_s: how long a chunk of the picture is meant to be, seconds. Each costs a seek and a dozen frames that are
            decoded twice; what is lost when work is interrupted is one of them.
    """

    chunk_s: float = 60.0


def open_streams(cut: Cut, options: ReadOptions | None = None) -> Streams:
    """Find out how to read a cut: its letterbox, its chunks, and its transcript.

    Args:
        cut: the cut, as `probe_cut` describes it.
        options: how to divide it.

    Returns:
        Its streams.

    Raises:
        TranscriptError: its subtitles cannot be read.
        FileUnreadable, NotMedia, MediaDamaged: the file has gone or changed.
    """
    options = options or ReadOptions()
    lines = read_transcript(cut)
    with open_container(cut.path) as container:
        picture, notes = find_picture(container), _write_notes(container, cut)
        if picture is None or "frames" not in cut.streams:
            return Streams(cut=cut, crop=None, chunks=(), lines=lines, notes=notes)
        discard_others(container, picture)
        chunks = plan_chunks(container, picture, cut, chunk_s=options.chunk_s)
        crop = detect_letterbox(sample_pictures(container, picture, float(cut.duration_s)))
    return Streams(cut=cut, crop=crop, chunks=chunks, lines=lines, notes=notes)


def _write_notes(container: InputContainer, cut: Cut) -> tuple[str, ...]:
    """Say of a file what is not read of it as its makers may have meant it."""
    notes = []
    sound, tracks = find_sound(container), len(container.streams.audio)
    if sound is not None and tracks > 1 and sound.codec_context.layout.nb_channels == 1:
        notes.append(
            f"The film has {tracks} sound tracks, of which one, of a single channel, is heard: what the others hold is not "
            "in the curves. Export it with a stereo mix to have all of it heard."
        )
    stated = next(iter(list_labels(container)), None)
    if stated is not None and cut.start_timecode is None:
        notes.append(
            f"The film states the start timecode {stated}, which its rate of {float(cut.timecode_rate):.5g} frames a second "
            "does not show; unless another is given, it is counted from 00:00:00:00."
        )
    return tuple(notes)


def read_pictures(streams: Streams, chunk: Chunk, *, threads: int = 0) -> Generator[Pictures, None, None]:
    """Decode one chunk of the picture.

    Decoding runs in threads of its own, a few frames ahead of whoever measures the pictures. Damaged packets are skipped:
    a second of which nothing could be decoded has no picture.

    Args:
        streams: the cut, from `open_streams`.
        chunk: one of its chunks, or several merged.
        threads: for the decoder; 0 for as many as this machine has cores.

    Yields:
        The pictures, RGB, 160 x 96, in order, with a still of each second. The key frames where this chunk meets its
        neighbours are among them, unless they could not be decoded. Closing the generator closes the file.

    Raises:
        FileUnreadable, NotMedia, MediaDamaged: the file has gone or changed.
    """
    with open_picture(streams.cut, threads=threads) as (container, picture):
        if picture is not None:
            packets = _seek_chunk(container, picture, chunk)
            pixel_aspect = picture.sample_aspect_ratio or Fraction(1)
            stills = PictureScaler(streams.crop, pixel_aspect=pixel_aspect)
            yield from _gather_pictures(streams, chunk, container, picture, packets, still_scaler=stills)


def read_key_pictures(streams: Streams) -> Generator[Pictures, None, None]:
    """Decode key frames of the whole picture and nothing else, many times faster; each stays on show until the next.

    Of several in a second only the first is decoded: in many formats that films are edited in, every picture is one.

    Args:
        streams: the cut, from `open_streams`.

    Yields:
        The pictures as `read_pictures` does, without stills.

    Raises:
        FileUnreadable, NotMedia, MediaDamaged: the file has gone or changed.
    """
    with open_picture(streams.cut, threads=0) as (container, picture):
        if picture is not None:
            picture.discard = Discard.nonkey
            picture.codec_context.skip_frame = "NONKEY"
            whole = Chunk(start_s=Fraction(0), stop_s=None, seek_to=None)
            packets = _choose_key_packets(demux_packets(container, picture))
            yield from _gather_pictures(streams, whole, container, picture, packets, last_s=streams.cut.duration_s)


def read_sound(streams: Streams) -> Generator[Sound, None, None]:
    """Decode the sound of a cut: 48 kHz stereo.

    Args:
        streams: the cut, from `open_streams`.

    Yields:
        Every second of which sound could be decoded, in order. Closing the generator closes the file.

    Raises:
        FileUnreadable, NotMedia, MediaDamaged: the file has gone or changed.
    """
    cut = streams.cut
    with open_container(cut.path) as container:
        picture, stream = find_picture(container), find_sound(container)
        if stream is None:
            return
        discard_others(container, stream)
        origin_s, end_s = find_origin_s(picture, stream), find_end_s(stream)
        # The coder fills its last frame up; where the sound really ends, the container knows.
        duration_s = cut.duration_s if end_s is None else min(cut.duration_s, end_s - origin_s)
        track = SoundTrack(origin_s=origin_s, duration_s=duration_s)
        second = 0
        for packet in demux_packets(container, stream):
            add_sound(track, stream, packet)
            while second < cut.seconds and (track.is_finished or track.reached_s() >= second + 1):
                samples = track.take_second(second)
                if samples is not None and len(samples):
                    yield Sound(second=second, samples=samples)
                second += 1


def _gather_pictures(
    streams: Streams,
    chunk: Chunk,
    container: InputContainer,
    picture: VideoStream,
    packets: Packets,
    *,
    still_scaler: PictureScaler | None = None,
    last_s: Fraction | None = None,
) -> Generator[Pictures, None, None]:
    """Lay the frames of packets on the grid and hand them over in batches; the last lasts as long as it says, or as is given."""
    cut = streams.cut
    track = PictureTrack(
        chunk=chunk,
        origin_s=find_origin_s(picture, find_sound(container)),
        duration_s=cut.duration_s,
        frame_s=1 / (cut.frame_rate or Fraction(1)),
        last_s=last_s,
        scaler=PictureScaler(streams.crop),
        still_scaler=still_scaler,
    )
    with closing(read_ahead(decode_pictures(picture, packets), depth=_FRAMES_AHEAD)) as frames:
        for frame in frames:
            if frame is None:
                track.note_damage()
            else:
                track.add(frame)
            if track.count_waiting() >= _BATCH:
                yield track.take_pictures()
            if track.is_finished:
                break
    track.finish()
    if track.count_waiting():
        yield track.take_pictures()


@contextmanager
def open_picture(cut: Cut, *, threads: int) -> Iterator[tuple[InputContainer, VideoStream | None]]:
    """Open a cut's file for its picture alone, and set up the decoder's threads within bounds of memory."""
    with open_container(cut.path) as container:
        picture = find_picture(container)
        if picture is not None:
            discard_others(container, picture)
            _set_threads(picture, threads)
        yield container, picture


def _set_threads(picture: VideoStream, threads: int) -> None:
    """Give a decoder its threads, as many as their pictures may take memory."""
    context = picture.codec_context
    bits = context.format.padded_bits_per_pixel if context.format is not None else _MOST_BITS
    frame_bytes = max(1, context.width * context.height * bits // 8)
    affordable = max(1, _THREAD_BYTES // frame_bytes)
    context.thread_type = ThreadType.AUTO
    # One more than there are cores, as FFmpeg counts them, keeps them busy while a frame is handed over.
    context.thread_count = min(threads or (os.cpu_count() or 1) + 1, affordable, _MOST_THREADS)


def discard_others(container: InputContainer, kept: VideoStream | AudioStream) -> None:
    """Have the container pass over the other streams; many formats then do not even read them from the disk."""
    for stream in container.streams:
        if stream.index != kept.index:
            stream.discard = Discard.all


def _seek_chunk(container: InputContainer, picture: VideoStream, chunk: Chunk) -> Packets:
    """Yield the packets of a chunk from its key frame on; the reader stops where the next chunk begins."""
    if chunk.seek_to is None:
        yield from demux_packets(container, picture)
        return
    origin_s = find_origin_s(picture, find_sound(container))
    is_found = False
    try:
        container.seek(chunk.seek_to, stream=picture)
    except DAMAGE:
        return  # Without its key frame the chunk is empty, and is read together with the one before.
    for packet in demux_packets(container, picture):
        if packet is not None and packet.is_keyframe and packet.pts is not None and packet.time_base is not None:
            is_found = is_found or packet.pts * packet.time_base - origin_s == chunk.start_s
        if is_found:
            yield packet


def _choose_key_packets(packets: Packets) -> Packets:
    """Pass on the first packet of a key frame in each second, and those of which the time is not known."""
    second = None
    for packet in packets:
        if packet is not None and packet.pts is not None and packet.time_base is not None:
            here = math.floor(packet.pts * packet.time_base)
            if here == second or not packet.is_keyframe:
                continue
            second = here
        yield packet


def demux_packets(container: InputContainer, *streams: VideoStream | AudioStream) -> Packets:
    """Yield every packet of streams, reading on behind damage; at the end None, which empties the decoders."""
    failures = 0
    while failures < _MOST_FAILURES:
        try:
            for packet in container.demux(*streams):
                failures = 0
                if packet.size:
                    yield packet
            break
        except DAMAGE:
            failures += 1
    yield None


def decode_pictures(
    picture: VideoStream, packets: "Iterable[Packet[Any] | None]"
) -> Generator[VideoFrame | None, None, None]:
    """Yield the frames of packets, and None for each packet that could not be decoded.

    AVI knows no presentation times: its pictures come on show in the order in which the decoder gives them, at the times
    at which their packets are stored.
    """
    stored: deque[int] = deque()
    is_stored_in_time = picture.container.format.name == "avi"
    for packet in packets:
        if is_stored_in_time and packet is not None and packet.dts is not None:
            stored.append(packet.dts)
        try:
            for frame in picture.codec_context.decode(packet):
                # A frame that the decoder held back until the end has lost its packet's time base.
                frame.time_base = frame.time_base or picture.time_base
                if stored:
                    frame.pts = stored.popleft()
                yield frame
        except av.error.FFmpegError:
            if stored:
                stored.pop()
            yield None


def add_sound(track: SoundTrack, stream: AudioStream, packet: "Packet[Any] | None") -> None:
    """Decode one packet into the track; None empties the decoder and ends the track."""
    try:
        for frame in stream.codec_context.decode(packet):
            frame.time_base = frame.time_base or stream.time_base
            track.add(frame)
    except av.error.FFmpegError:
        track.note_damage()
    if packet is None:
        try:
            track.finish()
        except av.error.FFmpegError:
            track.note_damage()  # What a damaged track cannot give up any more is lost.
