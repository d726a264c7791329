"""Small real films with known truth, written by the tests themselves."""

import io
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.container import OutputContainer
from PIL import Image

Pictures = npt.NDArray[np.uint8]
Sound = npt.NDArray[np.float32]

SHOT_COLOURS = ((200, 60, 40), (40, 160, 70), (50, 80, 210), (220, 200, 60), (120, 60, 160), (230, 230, 230))
"""The colour of each shot of `paint_shots`, over and over."""

TIME_BASE = Fraction(1, 90_000)

ASS_HEADER = b"""[Script Info]
ScriptType: v4.00+
[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour
Style: Default,Arial,16,&Hffffff
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""
"""What FFmpeg's subtitle writers want to be told before they open."""


def paint_shots(
    seconds: float, *, rate: Fraction = Fraction(25), shot_s: float = 1.0, size: tuple[int, int] = (160, 96)
) -> Pictures:
    """Paint pictures whose colour and texture change at every shot, while a square goes to and fro.

    Args:
        seconds: how long.
        rate: pictures a second.
        shot_s: how long each shot lasts.
        size: (width, height), pixels, even.

    Returns:
        (N, H, W, 3) uint8 RGB; shot k shows `SHOT_COLOURS[k % 6]`.
    """
    width, height = size
    pictures = np.empty((round(seconds * rate), height, width, 3), np.uint8)
    for index in range(len(pictures)):
        shot = int(index / rate / Fraction(shot_s).limit_denominator(1000))
        picture = _paint_texture(shot, size)[..., None] * np.array(SHOT_COLOURS[shot % len(SHOT_COLOURS)])
        left = abs(2 * index % (2 * (width - 16)) - (width - 16))
        picture[height // 2 : height // 2 + 12, left : left + 12] = 250
        pictures[index] = picture
    return pictures


def paint_scenes(lengths: Sequence[int], seed: int = 0) -> Pictures:
    """Paint shots of so many pictures, which pan slowly over a soft pattern of their own: (N, 96, 160, 3) uint8 RGB."""
    random = np.random.default_rng(seed)
    scenes = []
    for rows in lengths:
        field = random.integers(0, 230, (9, 12, 3), np.uint8)
        wide = np.asarray(Image.fromarray(field).resize((260, 120), Image.Resampling.BICUBIC))
        scenes += [wide[10:106, i // 2 : i // 2 + 160] for i in range(rows)]
    return np.stack(scenes)


@cache
def _paint_texture(shot: int, size: tuple[int, int]) -> npt.NDArray[np.float32]:
    """Paint the soft blotches of one shot, coarse and fine, (H, W) in 0.5..1: pictures whose hash a codec leaves alone."""
    chance = np.random.default_rng(shot)
    blotches = np.zeros(size[::-1], np.float32)
    for columns, rows, weight in ((4, 3, 0.5), (8, 6, 0.3), (20, 15, 0.2)):
        coarse = Image.fromarray(chance.random((rows, columns), np.float32))
        blotches += weight * np.asarray(coarse.resize(size, Image.Resampling.BILINEAR))
    return (0.5 + 0.5 * (blotches - blotches.min()) / np.ptp(blotches)).astype(np.float32)


def paint_number(index: int, size: tuple[int, int] = (160, 96)) -> Pictures:
    """Paint a number below 256 as eight black or white blocks, so that `read_number` finds it again after any codec."""
    width, height = size
    bits = np.unpackbits(np.array([index], np.uint8)).reshape(2, 4)
    blocks = np.kron(bits, np.ones((height // 2, width // 4), np.uint8)) * 215 + 20
    return np.repeat(blocks[..., None], 3, axis=2).astype(np.uint8)


def read_number(picture: Pictures) -> int:
    """Read the number that `paint_number` painted."""
    height, width = picture.shape[:2]
    rows, columns = (2 * np.arange(2) + 1) * height // 4, (2 * np.arange(4) + 1) * width // 8
    bits = picture[np.ix_(rows, columns)].mean(axis=2) > 128
    return int(np.packbits(bits.ravel())[0])


def letterbox(pictures: Pictures, *, top: int = 0, left: int = 0) -> Pictures:
    """Cover rows at top and bottom, and columns at both sides, with black bars."""
    barred = pictures.copy()
    height, width = pictures.shape[1:3]
    barred[:, :top] = barred[:, height - top :] = 0
    barred[:, :, :left] = barred[:, :, width - left :] = 0
    return barred


def make_tone(seconds: float, *, left: float = 0.4, right: float = 0.2, hz: float = 500, rate: int = 48_000) -> Sound:
    """Make a sine tone, (M, 2) float32, with these peak amplitudes; its RMS is amplitude / sqrt(2)."""
    wave = np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)
    return np.stack([left * wave, right * wave], axis=1).astype(np.float32)


def write_film(
    path: Path,
    *,
    pictures: Pictures | None = None,
    rate: Fraction = Fraction(25),
    times_s: Sequence[float] | None = None,
    picture_start_s: Fraction = Fraction(0),
    sound: Sound | None = None,
    sound_hz: int = 48_000,
    sound_start_s: float = 0.0,
    lines: Sequence[tuple[float, float, str]] | None = None,
    timecode: str | None = None,
    cover: bool = False,
    picture_codec: str = "libx264",
    sound_codec: str = "aac",
    options: dict[str, str] | None = None,
) -> Path:
    """Write a film with PyAV; the suffix of its path chooses the container.

    Args:
        path: where to.
        pictures: (N, H, W, 3) uint8 RGB; None for a film without a picture.
        rate: pictures a second.
        times_s: when each picture comes on show, seconds; evenly at `rate` if None.
        picture_start_s: when the first picture comes on show, if they come evenly; whole frames.
        sound: (M, C) float32; None for a film without sound.
        sound_hz: its sample rate.
        sound_start_s: when the sound begins.
        lines: (start, end, text) of an embedded text track: mov_text in MP4 and MOV, SRT elsewhere.
        timecode: the start timecode to state.
        cover: add a cover picture, as music and podcasts have it.
        picture_codec: of the picture; a key frame every 12.
        sound_codec: of the sound.
        options: of the container's writer.

    Returns:
        The path.
    """
    packets: list[Any] = []
    with av.open(str(path), "w", options=options or {}) as container:
        if timecode is not None:
            container.metadata["timecode"] = timecode
        streams = []
        if pictures is not None:
            streams.append(_add_picture(container, pictures, rate, picture_codec, is_variable=times_s is not None))
        if sound is not None:
            streams.append(container.add_stream(sound_codec, rate=sound_hz))
            streams[-1].layout = {1: "mono", 2: "stereo", 6: "5.1"}[sound.shape[1]]
        track = _add_track(container, path) if lines is not None else None
        cover_stream = _add_cover(container) if cover else None
        if pictures is not None:
            packets += _encode_pictures(streams[0], pictures, rate, times_s, picture_start_s)
        if sound is not None:
            packets += _encode_sound(streams[-1], sound, sound_hz, sound_start_s)
        if track is not None:
            packets += [_make_line(track, path, line) for line in lines or ()]
        if cover_stream is not None:
            container.mux(_make_cover(cover_stream))
        container.start_encoding()
        for packet in sorted(packets, key=lambda packet: (packet.dts or 0) * packet.time_base):
            container.mux(packet)
    return path


def truncate_film(path: Path, share: float) -> Path:
    """Cut a film's file off after a share of its bytes."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def damage_film(path: Path, start: float, end: float) -> Path:
    """Overwrite the bytes between two shares of a file with noise."""
    data = bytearray(path.read_bytes())
    first, last = int(len(data) * start), int(len(data) * end)
    data[first:last] = np.random.default_rng(7).integers(0, 256, last - first, np.uint8).tobytes()
    path.write_bytes(bytes(data))
    return path


def mutate_film(path: Path, seed: int) -> Path:
    """Harm a film's file by chance: stray bytes, a stretch of noise, a stretch left out, or an early end."""
    data = bytearray(path.read_bytes())
    chance = np.random.default_rng(seed)
    first = int(chance.integers(1, len(data)))
    last = first + int(2 ** chance.uniform(2, 13))
    match seed % 4:
        case 0:
            for at in chance.integers(0, len(data), int(2 ** chance.uniform(2, 9))):
                data[at] = chance.integers(256)
        case 1:
            data[first:last] = chance.bytes(len(data[first:last]))
        case 2:
            del data[first:last]
        case _:
            del data[first:]
    path.write_bytes(bytes(data))
    return path


def _add_picture(
    container: OutputContainer, pictures: Pictures, rate: Fraction, codec: str, *, is_variable: bool
) -> Any:
    """Add the picture's stream."""
    stream: Any = container.add_stream(codec, rate=rate)
    stream.height, stream.width = pictures.shape[1:3]
    stream.pix_fmt = "yuv420p"
    stream.codec_context.gop_size = 12
    stream.codec_context.time_base = TIME_BASE if is_variable else 1 / rate
    if codec == "libx264":
        stream.options = {"preset": "ultrafast", "crf": "16", "bf": "0" if is_variable else "2"}
    return stream


def _encode_pictures(
    stream: Any, pictures: Pictures, rate: Fraction, times_s: Sequence[float] | None, start_s: Fraction
) -> Iterator[Any]:
    """Encode every picture."""
    for index, picture in enumerate(pictures):
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        if times_s is None:
            frame.pts, frame.time_base = index + round(start_s * rate), 1 / rate
        else:
            frame.pts, frame.time_base = round(times_s[index] / TIME_BASE), TIME_BASE
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _encode_sound(stream: Any, sound: Sound, hz: int, start_s: float) -> Iterator[Any]:
    """Encode the sound in frames of 1024 samples."""
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[sound.shape[1]]
    for start in range(0, len(sound), 1024):
        block = np.ascontiguousarray(sound[start : start + 1024].T)
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout=layout)
        frame.sample_rate, frame.time_base = hz, Fraction(1, hz)
        frame.pts = start + round(start_s * hz)
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _add_track(container: OutputContainer, path: Path) -> Any:
    """Add an embedded text track."""
    stream: Any = container.add_stream("mov_text" if path.suffix in (".mp4", ".mov") else "srt")
    stream.codec_context.subtitle_header = ASS_HEADER
    return stream


def _make_line(stream: Any, path: Path, line: tuple[float, float, str]) -> Any:
    """Make the packet of one line of text."""
    start_s, end_s, text = line
    data = text.encode()
    packet: Any = av.Packet(len(data).to_bytes(2, "big") + data if path.suffix in (".mp4", ".mov") else data)
    packet.stream, packet.time_base = stream, Fraction(1, 1000)
    packet.pts = packet.dts = round(1000 * start_s)
    packet.duration = round(1000 * (end_s - start_s))
    return packet


def _add_cover(container: OutputContainer) -> Any:
    """Add a stream for a cover picture, larger than any film here."""
    stream: Any = container.add_stream("png", rate=1)
    stream.width, stream.height, stream.pix_fmt = 640, 640, "rgb24"
    stream.disposition = av.stream.Disposition.attached_pic
    return stream


def _make_cover(stream: Any) -> Any:
    """Make the packet of a cover picture."""
    file = io.BytesIO()
    Image.new("RGB", (640, 640), (10, 200, 90)).save(file, "PNG")
    packet: Any = av.Packet(file.getvalue())
    packet.stream, packet.time_base, packet.pts, packet.dts = stream, Fraction(1, 1000), 0, 0
    return packet


def lose_pictures(path: Path, *, first_s: float, last_s: float) -> None:
    """Overwrite the pictures of a stretch of a film with zeros, and leave its sound alone."""
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        for packet in container.demux(video=0):
            if packet.pts is not None and first_s <= packet.pts * packet.time_base < last_s:
                at = data.index(bytes(packet))
                data[at : at + packet.size] = bytes(packet.size)
    path.write_bytes(bytes(data))
