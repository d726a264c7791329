"""A light copy of a film for players: small pictures, a key frame every second, every frame at its instant in the cut.

It is made in pieces, so that several workers share it and what is made survives an interruption. A piece holds pictures as
they will be in the copy, and sound that nothing was taken from: a coder of sound would be heard at every seam. Where a
container counts in milliseconds (Matroska), pieces of sound meet as exactly as that.
"""

import io
import math
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np
from av.audio.frame import AudioFrame
from av.container import InputContainer, OutputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from av.video.stream import VideoStream

from pipeline.clock import frame_to_seconds, seconds_to_frame
from pipeline.errors import MediaDamaged
from pipeline.reframe import fit_picture
from pipeline.streams.excerpt import read_frames, read_stretch
from pipeline.types import SOUND_HZ, Bytes, Cut, Progress, Report, ignore_progress

BOX_PX = (960, 720)
"""Pictures are made to fit in, 960 x 540 of 16:9, 960 x 402 of scope; smaller ones keep their size."""

PIECE_S = 60
"""How long a piece is meant to be."""

STAGE = "Making a light copy"

PICTURE_OPTIONS = {"preset": "veryfast", "crf": "25", "bf": "0", "x264-params": "scenecut=0:open-gop=0"}
"""Without frames that are stored before the ones they build on, pieces are joined by their stamps alone."""

SOUND_BITS_S = 160_000
SOUND_OPTIONS = {"aac_coder": "fast"}
TOLD_EVERY = 12


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A part of a light copy.

    Attributes:
        start: its first frame.
        end: the frame behind its last.
        size_px: (width, height) of its pictures, even; None where the cut has no picture.
    """

    start: int
    end: int
    size_px: tuple[int, int] | None


def plan_pieces(cut: Cut) -> tuple[Piece, ...]:
    """Divide a cut into pieces.

    Args:
        cut: the cut.

    Returns:
        Its pieces in order, without gaps, at least one frame in all.

    Raises:
        FileUnreadable, NotMedia, MediaDamaged: the file has gone or changed.
    """
    rate = cut.timecode_rate
    frames = max(1, seconds_to_frame(cut.duration_s, rate))
    step = max(1, seconds_to_frame(PIECE_S, rate))
    size_px = _find_size(cut)
    return tuple(Piece(start=start, end=min(start + step, frames), size_px=size_px) for start in range(0, frames, step))


def make_piece(cut: Cut, piece: Piece, *, report: Report = ignore_progress) -> bytes:
    """Make one piece of a light copy.

    Args:
        cut: the cut.
        piece: one of its pieces, from `plan_pieces`.
        report: called as the work goes along, with the position in the cut; may raise `Cancelled`.

    Returns:
        A QuickTime file with H.264 and 16-bit PCM, as far as the cut has picture and sound; read by `join_pieces`.

    Raises:
        FileUnreadable, NotMedia, MediaDamaged: the film has gone or changed.
    """
    file = io.BytesIO()
    with av.open(file, "w", format="mov") as container:
        picture = None if piece.size_px is None else _add_picture(container, cut.timecode_rate, piece.size_px)
        sound = container.add_stream("pcm_s16le", rate=SOUND_HZ, layout="stereo") if "audio" in cut.streams else None
        if picture is not None:
            reformatter = VideoReformatter()  # One for all: it is costly to set up.
            for index, pixels in enumerate(_read_pictures(cut, piece)):
                frame = _to_frame(pixels, reformatter)
                frame.pts, frame.time_base = index, 1 / cut.timecode_rate
                container.mux(picture.encode(frame))
                if index % TOLD_EVERY == 0:
                    at_s = float(frame_to_seconds(piece.start + index, cut.timecode_rate))
                    report(Progress(stage=STAGE, done=index / (piece.end - piece.start), position_s=at_s))
            container.mux(picture.encode(None))
        if sound is not None:
            container.mux(sound.encode(_read_sound(cut, piece)))
            container.mux(sound.encode(None))
    return file.getvalue()


def join_pieces(cut: Cut, pieces: Iterable[tuple[Piece, bytes]], path: Path) -> None:
    """Join the pieces of a light copy to an MP4 with H.264 and AAC.

    Args:
        cut: the cut.
        pieces: all of its pieces in order, each with what `make_piece` made of it.
        path: the file to write.

    Raises:
        OSError: it cannot be written.
        MediaDamaged: a piece is not what was made.
    """
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as target:
        streams: dict[str, Any] = {}
        for piece, block in pieces:
            with _open_piece(block) as source:
                streams = streams or _add_streams(target, source)
                _join_piece(target, streams, source, start_s=frame_to_seconds(piece.start, cut.timecode_rate))
        if "audio" in streams:
            target.mux(streams["audio"].encode(None))


def _find_size(cut: Cut) -> tuple[int, int] | None:
    """The size of a light copy's pictures, even: that of the film's first, made to fit; None without a picture."""
    if "frames" not in cut.streams:
        return None
    with closing(_read_frames(cut, 0, 1)) as pictures:
        first = next(pictures, None)
    height, width = (BOX_PX[1], BOX_PX[0]) if first is None else first.shape[:2]
    return max(2, width // 2 * 2), max(2, height // 2 * 2)


def _read_frames(cut: Cut, start: int, end: int) -> Generator[Bytes, None, None]:
    """Read the pictures of some frames, as large as a light copy has them."""
    start_s, end_s = (frame_to_seconds(frame, cut.timecode_rate) for frame in (start, end))
    longest_px = max(cut.width, cut.height)
    box_px = min(BOX_PX[0], longest_px), min(BOX_PX[1], longest_px)
    return read_frames(cut, start_s=start_s, end_s=end_s, box_px=box_px)


def _read_pictures(cut: Cut, piece: Piece) -> Iterator[Bytes]:
    """Read the pictures of a piece, all of its size, exactly as many as it has frames; black where none can be read."""
    width, height = piece.size_px or BOX_PX
    left = piece.end - piece.start
    with closing(_read_frames(cut, piece.start, piece.end)) as pictures:
        for pixels in pictures:
            yield fit_picture(pixels, (width, height))
            left -= 1
    for _ in range(left):
        yield np.zeros((height, width, 3), np.uint8)


def _read_sound(cut: Cut, piece: Piece) -> AudioFrame:
    """Read the sound of a piece, from the sample nearest to its first frame to that of the next piece's."""
    start_s, end_s = (
        Fraction(round(frame_to_seconds(frame, cut.timecode_rate) * SOUND_HZ), SOUND_HZ)
        for frame in (piece.start, piece.end)
    )
    sound = np.clip(read_stretch(cut, start_s=start_s, end_s=end_s), -1, 1)
    samples = np.round(sound * 32_767).astype(np.int16)
    frame = AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="stereo")
    frame.sample_rate, frame.time_base, frame.pts = SOUND_HZ, Fraction(1, SOUND_HZ), 0
    return frame


def _add_picture(container: OutputContainer, rate: Fraction, size_px: tuple[int, int]) -> VideoStream:
    """Add the picture's stream to a piece."""
    stream = container.add_stream("libx264", rate=rate, options=PICTURE_OPTIONS)
    stream.width, stream.height = size_px
    stream.pix_fmt = "yuv420p"
    context = stream.codec_context
    context.time_base = 1 / rate
    context.gop_size = max(1, math.ceil(rate))
    context.colorspace = context.color_primaries = context.color_trc = int(Colorspace.ITU709)
    context.color_range = int(ColorRange.MPEG)
    return stream


def _to_frame(pixels: Bytes, reformatter: VideoReformatter) -> VideoFrame:
    """Make RGB pixels a frame as players have it."""
    frame = VideoFrame.from_ndarray(pixels, format="rgb24")
    return reformatter.reformat(
        frame, format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
    )


@contextmanager
def _open_piece(block: bytes) -> Iterator[InputContainer]:
    """Open what `make_piece` made."""
    try:
        with av.open(io.BytesIO(block), "r", format="mov") as source:
            yield source
    except av.error.InvalidDataError as error:
        raise MediaDamaged("A piece of the light copy is damaged.", "Have the copy made again.") from error


def _add_streams(target: OutputContainer, source: InputContainer) -> dict[str, Any]:
    """Add to a light copy what its first piece holds, by the kind of stream."""
    streams: dict[str, Any] = {}
    if source.streams.video:
        streams["video"] = target.add_stream_from_template(source.streams.video[0])
        streams["video"].time_base = source.streams.video[0].time_base
    if source.streams.audio:
        streams["audio"] = target.add_stream("aac", rate=SOUND_HZ, layout="stereo", options=SOUND_OPTIONS)
        streams["audio"].bit_rate = SOUND_BITS_S
    return streams


def _join_piece(
    target: OutputContainer, streams: Mapping[str, Any], source: InputContainer, *, start_s: Fraction
) -> None:
    """Write a piece behind those before it: its pictures as they are, its sound encoded on and on."""
    sample = round(start_s * SOUND_HZ)
    for packet in source.demux():
        for frame in packet.decode() if packet.stream.type == "audio" else ():
            if isinstance(frame, AudioFrame):
                frame.pts = sample
                sample += frame.samples
                target.mux(streams["audio"].encode(frame))
        if packet.stream.type == "video" and packet.pts is not None and packet.dts is not None:
            offset = round(start_s / packet.time_base)
            packet.pts, packet.dts = packet.pts + offset, packet.dts + offset
            packet.stream = streams["video"]
            target.mux(packet)
