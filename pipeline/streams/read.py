"""Reading a film in one pass: pictures, sound and words on one clock, second by second."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import av.error
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from pipeline.errors import MediaDamaged
from pipeline.streams.audio import SoundTrack
from pipeline.streams.frames import PictureTrack
from pipeline.streams.letterbox import Crop, detect_letterbox, sample_pictures
from pipeline.streams.probe import DAMAGE, find_end_s, find_origin_s, find_picture, find_sound, open_container
from pipeline.streams.scaler import PictureScaler
from pipeline.streams.transcript import read_transcript
from pipeline.types import Cut, Second, Streams

_LONGEST_LEAD_S = 30
"""How far one stream may run ahead of the other in the file. A container that stores them further apart than this loses
what comes too late, and memory stays bounded: half a minute of pictures and sound is 46 MB."""

_MOST_FAILURES = 100
"""Reads in a row that may fail before the rest of a file is given up."""


class _Track(Protocol):
    """What gathers one stream's frames."""

    is_empty: bool
    is_finished: bool

    def reached_s(self) -> float: ...

    def add(self, frame: Any) -> None: ...

    def note_damage(self) -> None: ...

    def finish(self) -> None: ...


def open_streams(cut: Cut) -> Streams:
    """Open a cut for one pass over its pictures and sound, and read its transcript.

    Pictures are cropped of their letterbox, RGB, 160 x 96, at 25 Hz; sound is 48 kHz stereo. The file is open while
    `Streams.seconds` is being consumed; closing that generator closes it. Damaged packets are skipped: a second of
    which nothing could be decoded has None.

    Args:
        cut: the cut, as `probe_cut` describes it.

    Returns:
        Its streams; `seconds` yields `cut.seconds` items.

    Raises:
        TranscriptError: its subtitles cannot be read.
        FileUnreadable, NotMedia, MediaDamaged: by `seconds`, when the file has gone or nothing in it can be decoded.
    """
    return Streams(cut=cut, seconds=_read_seconds(cut), lines=read_transcript(cut))


def _read_seconds(cut: Cut) -> Iterator[Second]:
    """Decode every second of a cut in order."""
    crop = _find_crop(cut)
    with open_container(cut.path) as container:
        picture, sound = find_picture(container), find_sound(container)
        pictures, sounds = _make_tracks(cut, crop, picture, sound)
        tracks: dict[VideoStream | AudioStream, _Track] = {}
        if picture is not None and pictures is not None:
            picture.thread_type = "AUTO"
            tracks[picture] = pictures
        if sound is not None and sounds is not None:
            tracks[sound] = sounds
        second = 0
        for stream, packet in _demux(container, list(tracks)):
            _decode(stream, packet, tracks[stream])
            while second < cut.seconds and _is_known(second, list(tracks.values())):
                yield _take_second(second, pictures, sounds)
                second += 1
    if all(track.is_empty for track in tracks.values()):
        raise MediaDamaged(
            f"Nothing in {cut.path.name!r} can be decoded.", "The file is damaged; copy or export the film again."
        )
    for rest in range(second, cut.seconds):
        yield _take_second(rest, pictures, sounds)


def _find_crop(cut: Cut) -> Crop | None:
    """Find the letterbox of a cut, in a container of its own."""
    with open_container(cut.path) as container:
        picture = find_picture(container)
        if picture is None:
            return None
        return detect_letterbox(sample_pictures(container, picture, float(cut.duration_s)))


def _make_tracks(
    cut: Cut, crop: Crop | None, picture: VideoStream | None, sound: AudioStream | None
) -> tuple[PictureTrack | None, SoundTrack | None]:
    """Make what gathers the pictures and the sound, for the streams that there are."""
    origin_s = find_origin_s(picture, sound)
    pictures = sounds = None
    if picture is not None and cut.frame_rate is not None:
        pictures = PictureTrack(
            origin_s=origin_s, duration_s=cut.duration_s, frame_s=1 / cut.frame_rate, scaler=PictureScaler(crop)
        )
    if sound is not None:
        # The coder fills its last frame up; where the sound really ends, the container knows.
        end_s = find_end_s(sound)
        duration_s = cut.duration_s if end_s is None else min(cut.duration_s, end_s - origin_s)
        sounds = SoundTrack(origin_s=origin_s, duration_s=duration_s)
    return pictures, sounds


def _demux(
    container: InputContainer, streams: Sequence[VideoStream | AudioStream]
) -> "Iterator[tuple[VideoStream | AudioStream, Packet[Any] | None]]":
    """Yield every packet with its stream, reading on behind damage; at the end None for each stream."""
    by_index = {stream.index: stream for stream in streams}
    failures = 0
    while failures < _MOST_FAILURES:
        try:
            for packet in container.demux(*streams):
                failures = 0
                if packet.size:
                    yield by_index[packet.stream_index], packet
            break
        except DAMAGE:
            failures += 1
    for stream in streams:
        yield stream, None


def _decode(stream: VideoStream | AudioStream, packet: "Packet[Any] | None", track: _Track) -> None:
    """Decode one packet into its track; None empties the decoder and ends the track."""
    try:
        for frame in stream.codec_context.decode(packet):
            # A frame that the decoder held back until the end has lost its packet's time base.
            frame.time_base = frame.time_base or stream.time_base
            track.add(frame)
    except av.error.FFmpegError:
        track.note_damage()
    if packet is None:
        _finish(track)


def _finish(track: _Track) -> None:
    """End a track; what a damaged one cannot give up any more is lost."""
    try:
        track.finish()
    except av.error.FFmpegError:
        track.note_damage()


def _is_known(second: int, tracks: Sequence[_Track]) -> bool:
    """Say whether a second can be handed out: every stream has passed it, or one has run too far ahead to wait."""
    reached_s = [track.reached_s() for track in tracks]
    running_s = [track.reached_s() for track in tracks if not track.is_finished]
    return min(reached_s) >= second + 1 or max(running_s, default=0.0) >= second + 1 + _LONGEST_LEAD_S


def _take_second(second: int, pictures: PictureTrack | None, sounds: SoundTrack | None) -> Second:
    """Put together what each stream has of one second."""
    shown = None if pictures is None else pictures.take_second(second)
    return Second(
        index=second,
        pictures=None if shown is None else shown[0],
        picture_times_s=None if shown is None else shown[1],
        sound=None if sounds is None else sounds.take_second(second),
    )
