"""Stretches of a film, frame by frame, for showing them: what `read` does for measuring."""

from collections.abc import Generator, Iterator
from contextlib import closing, suppress
from fractions import Fraction

import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from pipeline.clock import frame_to_seconds, seconds_to_frame
from pipeline.streams.ahead import read_ahead
from pipeline.streams.audio import SoundTrack
from pipeline.streams.probe import DAMAGE, find_origin_s, find_picture, find_sound, open_container
from pipeline.streams.read import (
    Packets,
    add_sound,
    decode_pictures,
    demux_packets,
    discard_others,
    open_picture,
)
from pipeline.streams.scaler import PictureScaler
from pipeline.types import SOUND_HZ, Bytes, Cut, Floats

_STEPS_BACK_S = (0, 2, 10, 60, 300, 1500, None)
"""How far before a stretch its key frame is looked for; containers lead a little too far, or have a poor index."""

_WARM_UP_S = Fraction(1, 5)
"""Sound is decoded from a little before on: a coder's first frames depend on those before them."""

_FRAMES_AHEAD = 4


def read_frames(
    cut: Cut, *, start_s: Fraction, end_s: Fraction, box_px: tuple[int, int], threads: int = 0
) -> Generator[Bytes, None, None]:
    """Read the pictures that a cut shows at each of its frames in a stretch.

    At frame n the picture with the latest presentation time up to n / rate is on show, so that what is missing or damaged
    holds the picture before it; ahead of the first picture, that is on show.

    Args:
        cut: a cut with a picture.
        start_s: the instant of the first frame.
        end_s: the instant of the frame behind the last.
        box_px: (width, height) that the pictures are made to fit in.
        threads: for the decoder; 0 for as many as this machine has cores.

    Yields:
        One (H, W, 3) uint8 RGB picture a frame, upright, square pixels, SDR; all of one size unless the film's change.
        Fewer than asked for, if nothing could be decoded at all. Closing the generator closes the file.

    Raises:
        FileUnreadable, NotMedia, MediaDamaged: the file has gone or changed.
    """
    for back_s in _STEPS_BACK_S:
        with open_picture(cut, threads=threads) as (container, picture):
            if picture is None:
                return
            origin_s = find_origin_s(picture, find_sound(container))
            found = _seek_before(container, picture, origin_s + start_s, back_s=back_s)
            if found is not None:
                packets, key_s = found
                with closing(read_ahead(decode_pictures(picture, packets), depth=_FRAMES_AHEAD)) as frames:
                    timed = _list_timed(frames, origin_s=origin_s, from_s=key_s)
                    aspect = picture.sample_aspect_ratio or Fraction(1)
                    scaler = PictureScaler(None, pixel_aspect=aspect, box_px=box_px, is_shown=True)
                    yield from _show_frames(timed, scaler, cut.timecode_rate, start_s=start_s, end_s=end_s)
                return


def read_stretch(cut: Cut, *, start_s: Fraction, end_s: Fraction) -> Floats:
    """Read the sound of a stretch of a cut.

    Args:
        cut: the cut.
        start_s: where it begins.
        end_s: where it ends.

    Returns:
        (M, 2) float32 at 48 kHz, M = round((end_s - start_s) * 48000), full scale 1; silence where there is no sound.

    Raises:
        FileUnreadable, NotMedia, MediaDamaged: the file has gone or changed.
    """
    wanted = round((end_s - start_s) * SOUND_HZ)
    sound = np.zeros((wanted, 2), np.float32)
    with open_container(cut.path) as container:
        picture, stream = find_picture(container), find_sound(container)
        if stream is None or stream.time_base is None:
            return sound
        discard_others(container, stream)
        origin_s = find_origin_s(picture, stream)
        track = SoundTrack(origin_s=origin_s + start_s, duration_s=end_s - start_s)
        goal_s = origin_s + start_s - _WARM_UP_S
        if goal_s > (stream.start_time or 0) * stream.time_base:
            try:
                container.seek(int(goal_s / stream.time_base), stream=stream)
            except DAMAGE:
                return sound
        second = 0
        for packet in demux_packets(container, stream):
            add_sound(track, stream, packet)
            while second * SOUND_HZ < wanted and (track.is_finished or track.reached_s() >= second + 1):
                samples = track.take_second(second)
                if samples is not None:
                    part = samples[: wanted - second * SOUND_HZ]
                    sound[second * SOUND_HZ :][: len(part)] = part
                second += 1
            if second * SOUND_HZ >= wanted or track.reached_s() >= float(end_s - start_s):
                break
        if second * SOUND_HZ < wanted:
            rest = track.take_second(second)
            if rest is not None:
                rest = rest[: wanted - second * SOUND_HZ]
                sound[second * SOUND_HZ :][: len(rest)] = rest
    return sound


def _show_frames(
    timed: Iterator[tuple[VideoFrame, Fraction]],
    scaler: PictureScaler,
    rate: Fraction,
    *,
    start_s: Fraction,
    end_s: Fraction,
) -> Generator[Bytes, None, None]:
    """Yield for every frame of a stretch what is on show then, of pictures in order with their times."""
    due, end = (seconds_to_frame(instant, rate) for instant in (start_s, end_s))
    shown: VideoFrame | None = None
    for frame, time_s in timed:
        # The picture before is on show at all instants that come before this one.
        behind = min(end, _count_due(time_s, rate))
        if behind > due:
            pixels = scaler.scale(frame if shown is None else shown)
            for _ in range(due, behind):
                yield pixels
            due = behind
        if due >= end:
            return
        shown = frame
    if shown is not None:
        pixels = scaler.scale(shown)
        for _ in range(due, end):
            yield pixels


def _list_timed(
    frames: Generator[VideoFrame | None, None, None], *, origin_s: Fraction, from_s: Fraction | None
) -> Iterator[tuple[VideoFrame, Fraction]]:
    """List frames with their film time, those left out that come before the key frame, or whose stamp goes back."""
    last_s = None
    for frame in frames:
        if frame is None or frame.pts is None or frame.time_base is None:
            continue
        time_s = frame.pts * frame.time_base
        if (from_s is None or time_s >= from_s) and (last_s is None or time_s > last_s):
            last_s = time_s
            yield frame, time_s - origin_s


def _seek_before(
    container: InputContainer, picture: VideoStream, instant_s: Fraction, *, back_s: int | None
) -> tuple[Packets, Fraction | None] | None:
    """Lead a container, just opened, to a key frame at an instant or before.

    Args:
        container: its file.
        picture: its picture.
        instant_s: in the container's time.
        back_s: how far before the instant to look for it; None to read from the file's beginning.

    Returns:
        The packets from that key frame on, and when it comes on show: frames that come before it need others that are
        not read. None where there is no key frame in reach.
    """
    base = picture.time_base or Fraction(1, 90_000)
    if back_s is None:
        return demux_packets(container, picture), None
    goal_s = instant_s - back_s
    if goal_s <= (picture.start_time or 0) * base:
        return None  # Many containers do not lead back to their own beginning.
    with suppress(*DAMAGE):
        container.seek(int(goal_s / base), stream=picture)
        packets = demux_packets(container, picture)
        for packet in packets:
            if packet is None:
                return None
            stamp = packet.dts if packet.pts is None else packet.pts  # AVI knows no presentation times.
            if packet.is_keyframe and stamp is not None:
                return (_put_back(packet, packets), stamp * base) if stamp * base <= instant_s else None
    return None


def _put_back(packet: object, packets: Packets) -> Packets:
    """The packets with one in front."""
    yield packet  # type: ignore[misc]
    yield from packets


def _count_due(time_s: Fraction, rate: Fraction) -> int:
    """The first frame of the cut at whose instant a picture of this time is on show, stamps' rounding allowed."""
    frame = seconds_to_frame(float(time_s), rate)
    slack_s = min(Fraction(1, 1000), frame_to_seconds(1, rate) / 4)
    return frame if frame_to_seconds(frame, rate) >= time_s - slack_s else frame + 1
