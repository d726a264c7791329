"""Writing films: the preview of a trailer.

Pictures are read frame by frame with the decoder that measures films, and handed to moviepy's writer: moviepy's own reader
seeks by rounded seconds, and can be a frame off.
"""

import tempfile
import wave
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
from moviepy.video.io.ffmpeg_writer import FFMPEG_VideoWriter

from pipeline.assembly.material import clip_to_frames
from pipeline.clock import frame_to_seconds
from pipeline.errors import TrailerError
from pipeline.reframe import fit_picture, place_window
from pipeline.sequence import Clip, Trailer
from pipeline.streams.excerpt import read_frames, read_stretch
from pipeline.types import SOUND_HZ, Bytes, Cut, Floats, Progress, Report, ignore_progress
from pipeline.watermark import draw_watermark, stamp_picture

FADE_S = 0.02
"""Sound is faded out and in over this time at every cut, so that it does not click."""

LOOKED_AT = 12
"""Frames of a clip that tell where it moves, when it is reframed."""

BLACK_ASPECT = Fraction(16, 9)
"""The shape of a preview of a film without a picture."""


@dataclass(frozen=True, kw_only=True)
class PreviewOptions:
    """How a preview looks.

    Attributes:
        height_px: rows of the picture; an upright one has a third more, which makes it no larger.
        aspect: width over height to which pictures are cropped, around what moves; None for the film's own.
        title: of the film, burned in.
        person: for whom the preview is made, burned in; empty for nobody.
        date: when it was made, burned in, as `2026-11-26`; empty for none.
    """

    height_px: int = 540
    aspect: Fraction | None = None
    title: str = ""
    person: str = ""
    date: str = ""


def render_preview(
    trailer: Trailer, *, cut: Cut, path: Path, options: PreviewOptions | None = None, report: Report = ignore_progress
) -> Path:
    """Write a trailer as an MP4 with H.264 and AAC, its frames exactly those that its clips name.

    Args:
        trailer: the trailer.
        cut: the cut that its clips are of.
        path: the file to write; an older one is replaced once the new one is whole.
        options: how it looks.
        report: called as the work goes along; may raise `Cancelled`, which leaves no file.

    Returns:
        The path.

    Raises:
        TrailerError: it has no clips, or the file cannot be written.
        FileUnreadable, NotMedia, MediaDamaged: the film has gone or changed.
        Cancelled: `report` asked for it.
    """
    options = options or PreviewOptions()
    if not trailer.clips:
        raise TrailerError("There is nothing to render: the trailer has no clips.", "Assemble it first.")
    rate = cut.timecode_rate
    total = sum(end - start for start, end in (clip_to_frames(clip, rate) for clip in trailer.clips))
    with tempfile.TemporaryDirectory(prefix=".preview-", dir=_make_folder(path.parent)) as folder:
        draft, sound = Path(folder, "preview.mp4"), Path(folder, "sound.wav")
        _write_sound(sound, join_sound(trailer.clips, cut))
        with closing(_make_pictures(trailer.clips, cut, options)) as pictures:
            first = next(pictures)
            mark = draw_watermark((options.title, options.person, options.date), size=first.shape[1::-1])
            writer = _open_writer(draft, size=first.shape[1::-1], rate=rate, sound=sound)
            process = writer.proc
            try:
                for index, picture in enumerate(chain([first], pictures)):
                    writer.write_frame(stamp_picture(picture, mark))
                    if index % 12 == 0:
                        at_s = float(frame_to_seconds(index, rate))
                        report(Progress(stage="Rendering the preview", done=index / total, position_s=at_s))
            except OSError as error:
                raise TrailerError("The preview cannot be written.", f"The writer says: {error}.") from error
            finally:
                writer.close()
        if process.returncode != 0 or not draft.is_file():
            raise TrailerError("The preview cannot be written.", "Look whether there is room on the disk.")
        draft.replace(path)
    report(Progress(stage="Rendering the preview", done=1.0, position_s=float(frame_to_seconds(total, rate))))
    return path


def join_sound(clips: tuple[Clip, ...], cut: Cut) -> Floats:
    """Join the sound of clips, with short fades where they meet.

    Args:
        clips: in playing order.
        cut: the cut that they are of.

    Returns:
        (M, 2) float32 at 48 kHz; silence where the cut has no sound. Every clip begins at the sample nearest to its
        first frame, so that nothing adds up.
    """
    starts = np.cumsum([Fraction(0), *(clip.end_s - clip.start_s for clip in clips)])
    edges = [round(at * SOUND_HZ) for at in starts]
    joined = np.zeros((edges[-1], 2), np.float32)
    for clip, start, end in zip(clips, edges, edges[1:], strict=False):
        sound = read_stretch(cut, start_s=clip.start_s, end_s=clip.end_s)[: end - start]
        ramp = np.minimum(np.arange(len(sound)) / (FADE_S * SOUND_HZ), 1)
        joined[start : start + len(sound)] = sound * np.minimum(ramp, ramp[::-1])[:, None].astype(np.float32)
    return joined


def _make_pictures(clips: tuple[Clip, ...], cut: Cut, options: PreviewOptions) -> Generator[Bytes, None, None]:
    """Read the pictures of clips in playing order, all of one size, exactly as many as the clips have frames."""
    size: tuple[int, int] | None = None
    for clip in clips:
        start, end = clip_to_frames(clip, cut.timecode_rate)
        left = end - start
        for picture in _read_clip(clip, cut, options):
            size = size or picture.shape[1::-1]
            yield fit_picture(picture, size)
            left -= 1
        size = size or _choose_black(options)
        for _ in range(left):  # Nothing of it could be decoded, or the film has no picture.
            yield np.zeros((size[1], size[0], 3), np.uint8)


def _read_clip(clip: Clip, cut: Cut, options: PreviewOptions) -> Iterator[Bytes]:
    """Read the pictures of a clip, reframed where that is asked for; of even size."""
    if "frames" not in cut.streams:
        return
    aspect = options.aspect
    height = options.height_px if aspect is None or aspect >= 1 else options.height_px * 4 // 3
    with closing(read_frames(cut, start_s=clip.start_s, end_s=clip.end_s, box_px=(8 * height, height))) as pictures:
        looked_at = list(islice(pictures, LOOKED_AT))
        window = place_window(looked_at, aspect)
        for picture in chain(looked_at, pictures):
            yield picture[window]


def _choose_black(options: PreviewOptions) -> tuple[int, int]:
    """The size of a preview without pictures: (width, height), pixels."""
    aspect = options.aspect or BLACK_ASPECT
    height = options.height_px if aspect >= 1 else options.height_px * 4 // 3
    return round(height * aspect) // 2 * 2, height // 2 * 2


def _write_sound(path: Path, sound: Floats) -> None:
    """Write sound as 16-bit WAV for the writer to encode."""
    samples: npt.NDArray[np.int16] = np.round(np.clip(sound, -1, 1) * 32_767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(SOUND_HZ)
        file.writeframes(samples.tobytes())


def _open_writer(path: Path, *, size: tuple[int, int], rate: Fraction, sound: Path) -> FFMPEG_VideoWriter:
    """Open moviepy's writer. It states rates with two decimals: stamps are counted anew, at the exact rate."""
    stamps = f"settb={rate.denominator}/{rate.numerator},setpts=N"
    colours = "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p"
    exact = ["-vf", f"{stamps},{colours}", "-fps_mode", "passthrough"]
    exact += [
        "-enc_time_base:v",
        f"{rate.denominator}:{rate.numerator}",
        "-video_track_timescale",
        str(_find_scale(rate)),
    ]
    tags = ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"]
    return FFMPEG_VideoWriter(
        str(path),
        size,
        float(rate),
        codec="libx264",
        audiofile=str(sound),
        audio_codec="aac",
        preset="superfast",
        threads=2,
        ffmpeg_params=[*exact, *tags, "-crf", "23", "-b:a", "160k", "-movflags", "+faststart"],
    )


def _find_scale(rate: Fraction) -> int:
    """Ticks a second in which every frame of a rate has a whole number, at least 1,000 of them."""
    scale = rate.numerator
    while scale < 1000:
        scale *= 10
    return scale


def _make_folder(folder: Path) -> Path:
    """Make a folder where it is missing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TrailerError(
            f"Files cannot be written to {str(folder)!r}: {error.strerror or error}.", "Choose another folder."
        ) from error
    return folder
