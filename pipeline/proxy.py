"""A light copy of a film for players: small pictures, a key frame every second, every frame at its instant in the cut.

It is made in pieces, so that several workers share it and what is made survives an interruption. The joint of two pieces
is neither seen nor heard: none of their pictures builds on one of another piece, and each codes the sound from a little
before on, and leaves that away, as if one coder had gone through the film.
"""

import io
import math
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from av.video.stream import VideoStream

from pipeline.clock import count_frames, frame_to_seconds, seconds_to_frame
from pipeline.errors import FileUnreadable, MediaDamaged
from pipeline.footage import Piece
from pipeline.reframe import fit_picture
from pipeline.streams.excerpt import read_frames, read_stretch
from pipeline.streams.probe import find_picture, open_container, probe_cut
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
BLOCK = 1024
"""Samples that AAC codes at a time. A packet makes, with the one before it, the samples of the block before its own."""

RUN_IN = 4
"""Blocks of sound that are coded ahead of a piece and left away, for a coder looks back."""

LOOK_AHEAD = 2
"""Blocks that are coded behind a piece and left away, for a coder looks ahead, too."""

TOLD_EVERY = 12


def plan_pieces(cut: Cut) -> tuple[Piece, ...]:
    """Divide a cut into pieces, after a look whether its file still holds it.

    Args:
        cut: the cut.

    Returns:
        Its pieces in order, without gaps, at least one frame in all.

    Raises:
        FileUnreadable: the file has gone, or holds another film by now.
        NotMedia, MediaDamaged: it has changed.
    """
    if probe_cut(cut.path).cut_id != cut.cut_id:
        raise FileUnreadable(f"{cut.path.name!r} holds another film by now.", "Add the film to the library again.")
    rate = cut.timecode_rate
    frames = count_frames(cut.duration_s, rate)
    step = max(1, seconds_to_frame(PIECE_S, rate))
    box_px = _choose_box(cut)
    size_px = _find_size(cut, box_px)
    edges = [*range(0, frames, step), frames]
    blocks = [round(frame_to_seconds(edge, rate) * SOUND_HZ) // BLOCK for edge in edges[:-1]]
    blocks.append(-(-round(cut.duration_s * SOUND_HZ) // BLOCK))
    return tuple(
        Piece(start=start, end=end, size_px=size_px, box_px=box_px, blocks=(first, last))
        for start, end, first, last in zip(edges, edges[1:], blocks, blocks[1:], strict=False)
    )


def make_piece(cut: Cut, piece: Piece, *, threads: int = 0, report: Report = ignore_progress) -> bytes:
    """Make one piece of a light copy.

    Args:
        cut: the cut.
        piece: one of its pieces, from `plan_pieces`.
        threads: for the decoder and for the coder; 0 for as many as this machine has cores.
        report: called as the work goes along, with the position in the cut; may raise `Cancelled`.

    Returns:
        A QuickTime file with H.264 and AAC, as far as the cut has picture and sound; read by `join_pieces`.

    Raises:
        FileUnreadable, NotMedia, MediaDamaged: the film has gone or changed.
    """
    file, rate = io.BytesIO(), cut.timecode_rate
    with av.open(file, "w", format="mov") as container:
        picture = None if piece.size_px is None else _add_picture(container, rate, piece.size_px, threads)
        sound = _add_sound(container) if "audio" in cut.streams else None
        if picture is not None:
            reformatter = VideoReformatter()  # One for all: it is costly to set up.
            for index, pixels in enumerate(_read_pictures(cut, piece, threads)):
                frame = _to_frame(pixels, reformatter)
                frame.pts, frame.time_base = index, 1 / rate
                container.mux(picture.encode(frame))
                if index % TOLD_EVERY == 0:
                    _tell(report, piece, piece.start + index, rate)
            container.mux(picture.encode(None))
        if sound is not None:
            for packet in _code_sound(cut, piece, sound):
                container.mux(packet)
        _tell(report, piece, piece.end, rate)
    return file.getvalue()


def join_pieces(cut: Cut, pieces: Iterable[tuple[Piece, bytes]], path: Path) -> None:
    """Join the pieces of a light copy to an MP4; nothing is coded anew.

    Args:
        cut: the cut.
        pieces: all of its pieces in order, each with what `make_piece` made of it.
        path: the file to write.

    Raises:
        OSError: it cannot be written.
        MediaDamaged: a piece is not what was made.
    """
    with av.open(str(path), "w", format="mp4") as target:
        streams: dict[str, Any] = {}
        for piece, block in pieces:
            with _open_piece(block) as source:
                streams = streams or _copy_streams(target, source)
                _join_piece(target, streams, source, piece, cut.timecode_rate)


def _choose_box(cut: Cut) -> tuple[int, int]:
    """The box that pictures are made to fit in, for a film of whatever proportions and however it is turned."""
    with open_container(cut.path) as container:
        picture = find_picture(container)
        aspect = (picture.sample_aspect_ratio if picture is not None else None) or Fraction(1)
    longest_px = max(2, round(cut.width * aspect), cut.height)
    return min(BOX_PX[0], longest_px), min(BOX_PX[1], longest_px)


def _find_size(cut: Cut, box_px: tuple[int, int]) -> tuple[int, int] | None:
    """The size of a light copy's pictures, even: that of the film's first, made to fit; None without a picture."""
    if "frames" not in cut.streams:
        return None
    first_s = frame_to_seconds(1, cut.timecode_rate)
    with closing(read_frames(cut, start_s=Fraction(0), end_s=first_s, box_px=box_px)) as pictures:
        first = next(pictures, None)
    height, width = box_px[::-1] if first is None else first.shape[:2]
    return max(2, width // 2 * 2), max(2, height // 2 * 2)


def _read_pictures(cut: Cut, piece: Piece, threads: int) -> Generator[Bytes, None, None]:
    """Read the pictures of a piece, all of its size, exactly as many as it has frames; black where none can be read."""
    size_px = piece.size_px or piece.box_px
    start_s, end_s = (frame_to_seconds(frame, cut.timecode_rate) for frame in (piece.start, piece.end))
    left = piece.end - piece.start
    with closing(read_frames(cut, start_s=start_s, end_s=end_s, box_px=piece.box_px, threads=threads)) as pictures:
        for pixels in pictures:
            yield fit_picture(pixels, size_px)
            left -= 1
    for _ in range(left):
        yield np.zeros((size_px[1], size_px[0], 3), np.uint8)


def _code_sound(cut: Cut, piece: Piece, stream: AudioStream) -> Iterator[Any]:
    """Code the sound of a piece: the packets of its blocks, and before the film's first the one that a decoder drops."""
    first, last = piece.blocks
    begin, end = max(0, first - RUN_IN), min(last + LOOK_AHEAD, -(-round(cut.duration_s * SOUND_HZ) // BLOCK))
    start_s = Fraction(begin * BLOCK, SOUND_HZ)
    end_s = max(start_s, min(Fraction(end * BLOCK, SOUND_HZ), cut.duration_s))
    samples = np.clip(read_stretch(cut, start_s=start_s, end_s=end_s), -1, 1).astype(np.float32)
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples.T), format="fltp", layout="stereo")
    frame.sample_rate, frame.time_base, frame.pts = SOUND_HZ, Fraction(1, SOUND_HZ), 0
    packets = [*(stream.encode(frame) if len(samples) else ()), *stream.encode(None)]
    made = packets[0 if first == 0 else first - begin + 1 : last - begin + 1]
    for index, packet in enumerate(made):
        packet.pts = packet.dts = index * BLOCK
        packet.time_base = Fraction(1, SOUND_HZ)
    return iter(made)


def _tell(report: Report, piece: Piece, frame: int, rate: Fraction) -> None:
    """Report that a piece has come to a frame."""
    done = (frame - piece.start) / (piece.end - piece.start)
    report(Progress(stage=STAGE, done=done, position_s=float(frame_to_seconds(frame, rate))))


def _add_picture(container: OutputContainer, rate: Fraction, size_px: tuple[int, int], threads: int) -> VideoStream:
    """Add the picture's stream to a piece."""
    stream = container.add_stream("libx264", rate=rate, options=PICTURE_OPTIONS)
    stream.width, stream.height = size_px
    stream.pix_fmt = "yuv420p"
    context = stream.codec_context
    context.time_base = 1 / rate
    context.gop_size = max(1, math.ceil(rate))
    context.thread_count = threads
    context.colorspace = context.color_primaries = context.color_trc = int(Colorspace.ITU709)
    context.color_range = int(ColorRange.MPEG)
    return stream


def _add_sound(container: OutputContainer) -> AudioStream:
    """Add the sound's stream to a piece."""
    stream = container.add_stream("aac", rate=SOUND_HZ, layout="stereo", options=SOUND_OPTIONS)
    stream.bit_rate = SOUND_BITS_S
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
        source = av.open(io.BytesIO(block), "r", format="mov")
    except (av.error.FFmpegError, ValueError) as error:
        raise _damaged() from error
    with source:
        yield source


def _damaged() -> MediaDamaged:
    """What is said of a piece that is not what was made."""
    return MediaDamaged("A piece of the light copy is damaged.", "Have the light copy made again.")


def _copy_streams(target: OutputContainer, source: InputContainer) -> dict[str, Any]:
    """Add to a light copy what its first piece holds, by the kind of stream."""
    streams: dict[str, Any] = {}
    for stream in (*source.streams.video, *source.streams.audio):
        streams[stream.type] = target.add_stream_from_template(stream)
        streams[stream.type].time_base = stream.time_base
    return streams


def _join_piece(
    target: OutputContainer, streams: Mapping[str, Any], source: InputContainer, piece: Piece, rate: Fraction
) -> None:
    """Write a piece behind those before it."""
    first = piece.blocks[0]
    starts_s = {
        "video": frame_to_seconds(piece.start, rate),
        "audio": Fraction((first if first else -1) * BLOCK, SOUND_HZ),
    }
    counts = {"video": 0, "audio": 0}
    for packet in _read_packets(source):
        kind = packet.stream.type
        if packet.pts is None or packet.dts is None or kind not in streams:
            continue
        counts[kind] += 1
        offset = round(starts_s[kind] / packet.time_base)
        packet.pts, packet.dts = packet.pts + offset, packet.dts + offset
        packet.stream = streams[kind]
        target.mux(packet)
    wanted = {"video": piece.end - piece.start, "audio": piece.blocks[1] - first + (first == 0)}
    if any(counts[kind] != wanted[kind] for kind in streams):
        raise _damaged()


def _read_packets(source: InputContainer) -> "Iterator[Packet[Any]]":
    """Read the packets of a piece."""
    try:
        yield from source.demux()
    except av.error.FFmpegError as error:
        raise _damaged() from error
