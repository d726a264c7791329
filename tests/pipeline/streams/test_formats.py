"""Tests of formats: the same film, in every codec and container, measures the same.

A film of two seconds: one second of two shots, whose boundary and luminance are known, then one of numbers, one for every
picture. It is written without loss once and transcoded by the ffmpeg program that moviepy brings along.
"""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from pipeline.features.evidence import Evidence
from pipeline.features.measure import measure_pixels
from pipeline.streams.probe import probe_cut
from pipeline.types import Cut
from tests.films import Pictures, letterbox, paint_number, paint_shots, write_film
from tests.reading import Second, list_numbers, measure, read_seconds
from tests.transcoding import transcode, write_master

SIZE = (320, 180)
RATE = Fraction(25)
BOUNDARY = 13
"""The first picture of the second shot."""
COUNTS = {"stereo": "2", "5.1": "6", "7.1": "8"}
LEVEL, BALANCE = 0.6 / np.sqrt(2), 0.2 / np.sqrt(2)
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "12")
X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-crf", "12", "-x265-params", "log-level=none")
TEN_BITS = ("-pix_fmt", "yuv420p10le")
AS_BT709 = ("-vf", "scale=out_color_matrix=bt709", "-colorspace", "bt709")
DNXHR = (*AS_BT709, "-c:v", "dnxhd", "-profile:v", "dnxhr_hq", "-pix_fmt", "yuv422p")
PRORES = ("-c:v", "prores_ks", "-profile:v", "standard")
MPEG2 = ("-c:v", "mpeg2video", "-q:v", "2")
AV1 = ("-c:v", "libaom-av1", "-cpu-used", "8", "-crf", "10")
VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-crf", "12", "-b:v", "0")

FORMATS: dict[str, tuple[str, Sequence[str], Sequence[str]]] = {
    "H.264 and AAC in MP4": (".mp4", X264, ("-c:a", "aac")),
    "H.264 of 10 bits and PCM of 24 in MOV": (".mov", (*X264, *TEN_BITS), ("-c:a", "pcm_s24le")),
    "H.264 4:2:2 and Opus in MKV": (".mkv", (*X264, "-pix_fmt", "yuv422p"), ("-c:a", "libopus")),
    "H.264 and AC-3 in TS": (".ts", X264, ("-c:a", "ac3")),
    "H.264 and PCM in MXF": (".mxf", (*X264, "-pix_fmt", "yuv420p"), ("-c:a", "pcm_s16le")),
    "HEVC and AC-3 in MP4": (".mp4", (*X265, "-tag:v", "hvc1"), ("-c:a", "ac3")),
    "HEVC of 10 bits and FLAC in MKV": (".mkv", (*X265, *TEN_BITS), ("-c:a", "flac")),
    "HEVC and AAC in TS": (".ts", X265, ("-c:a", "aac")),
    "VP9 and Opus in WebM": (".webm", VP9, ("-c:a", "libopus")),
    "AV1 and Opus in WebM": (".webm", AV1, ("-c:a", "libopus")),
    "AV1 of 10 bits and FLAC in MP4": (".mp4", (*AV1, *TEN_BITS), ("-c:a", "flac")),
    "MPEG-2 and AC-3 in TS": (".ts", MPEG2, ("-c:a", "ac3")),
    "MPEG-2 and MP2 in a program stream": (".mpg", MPEG2, ("-c:a", "mp2", "-b:a", "256k")),
    "MPEG-2 and PCM of 24 in MXF": (".mxf", MPEG2, ("-c:a", "pcm_s24le")),
    "ProRes and PCM of 24 in MOV": (".mov", PRORES, ("-c:a", "pcm_s24le")),
    "ProRes 4444 with alpha and PCM of 16 in MOV": (
        ".mov",
        ("-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuva444p10le"),
        ("-c:a", "pcm_s16be"),
    ),
    "ProRes and PCM in MXF": (".mxf", PRORES, ("-c:a", "pcm_s16le")),
    "DNxHR and PCM of 24 in MXF": (".mxf", DNXHR, ("-c:a", "pcm_s24le")),
    "DNxHR and floating point in MOV": (".mov", DNXHR, ("-c:a", "pcm_f32le")),
    "MJPEG and PCM of 16 in AVI": (".avi", ("-c:v", "mjpeg", "-q:v", "2"), ("-c:a", "pcm_s16le")),
    "MJPEG and floating point in MOV": (".mov", ("-c:v", "mjpeg", "-q:v", "2"), ("-c:a", "pcm_f32le")),
    # LAME lowers what it encodes by a twentieth.
    "MPEG-4 and MP3 in MP4": (".mp4", ("-c:v", "mpeg4", "-q:v", "2"), ("-c:a", "libmp3lame", "-af", "volume=1/0.95")),
    "FFV1 and FLAC in MKV": (".mkv", ("-c:v", "ffv1"), ("-c:a", "flac")),
    "uncompressed 4:2:2 of 10 bits in MOV": (
        ".mov",
        ("-c:v", "v210", "-pix_fmt", "yuv422p10le"),
        ("-c:a", "pcm_s16le"),
    ),
    "PNG and E-AC-3 in MOV": (".mov", ("-c:v", "png", "-pix_fmt", "rgb24"), ("-c:a", "eac3")),
}


def paint_film(size: tuple[int, int] = SIZE) -> Pictures:
    shots = paint_shots(1, shot_s=BOUNDARY / 25, size=size)[:25]
    return np.concatenate([shots, np.stack([paint_number(index, size) for index in range(25)])])


def read(path: Path) -> tuple[Cut, list[Second], Evidence]:
    return probe_cut(path), read_seconds(path), measure(path)


def check_pictures(seconds: Sequence[Second], evidence: Evidence, *, atol: float = 3) -> None:
    """Check luminance and boundary of the first second, and every number of the last."""
    quadrants, _ = measure_pixels(paint_film()[:25])
    np.testing.assert_allclose(evidence.quadrants[:25], quadrants, atol=atol)
    assert int(np.argmax(evidence.norm_diff[1:25])) + 1 == BOUNDARY
    assert list(list_numbers(seconds))[25:50] == list(range(25))


def check_sound(evidence: Evidence, *, level: float = LEVEL, balance: float = BALANCE) -> None:
    """Check level and balance away from where a coder fades in and out."""
    np.testing.assert_allclose(evidence.rms[4:46], level, rtol=0.03)
    np.testing.assert_allclose(evidence.lrdiff[4:46], balance, atol=0.01)


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_master(tmp_path_factory.mktemp("formats") / "master.mkv", paint_film())


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_measures_as_the_film_was_made(tmp_path: Path, master: Path, name: str) -> None:
    suffix, picture, sound = FORMATS[name]
    pixels = () if "-pix_fmt" in picture or "prores_ks" in picture else ("-pix_fmt", "yuv420p")
    if "mjpeg" in picture:
        pixels = ("-pix_fmt", "yuvj420p")
    cut, seconds, evidence = read(transcode(master, tmp_path / f"film{suffix}", *pixels, *picture, *sound))
    assert (cut.width, cut.height, cut.frame_rate, cut.streams) == (*SIZE, RATE, ("frames", "audio"))
    assert float(cut.duration_s) == pytest.approx(2, abs=0.05)
    check_pictures(seconds, evidence)
    check_sound(evidence)


@pytest.mark.parametrize("channels", ["mono", "stereo", "5.1", "7.1"])
@pytest.mark.parametrize(
    ("suffix", "sound"),
    [(".mp4", "aac"), (".mkv", "flac"), (".mkv", "libopus"), (".mov", "pcm_s24le"), (".wav", "pcm_f32le")],
)
def test_every_count_of_channels_is_heard_at_its_level(
    tmp_path: Path, master: Path, channels: str, suffix: str, sound: str
) -> None:
    layout = ("-af", "pan=mono|c0=c0") if channels == "mono" else ("-ac", COUNTS[channels])
    rate = ("-b:a", "256k") if sound in ("aac", "libopus") else ()
    path = transcode(master, tmp_path / f"sound{suffix}", "-vn", *layout, "-c:a", sound, *rate)
    _, _, evidence = read(path)
    if channels == "mono":
        check_sound(evidence, level=0.8 / np.sqrt(2), balance=0)
    else:
        check_sound(evidence)


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize(("tag", "turns"), [("90", -1), ("-90", 1), ("180", 2)])
def test_a_film_that_is_tagged_to_be_turned_is_measured_upright(
    tmp_path: Path, suffix: str, tag: str, turns: int
) -> None:
    lying = write_film(tmp_path / "lying.mp4", pictures=np.rot90(paint_film(), turns, axes=(1, 2)))
    path = transcode(lying, tmp_path / f"film{suffix}", "-c", "copy", before=("-display_rotation", tag))
    _, seconds, evidence = read(path)
    check_pictures(seconds, evidence)


@pytest.mark.parametrize(("option", "axis"), [("-display_hflip", 2), ("-display_vflip", 1)])
def test_a_film_that_is_tagged_to_be_mirrored_is_measured_so(tmp_path: Path, option: str, axis: int) -> None:
    mirrored = write_film(tmp_path / "mirrored.mp4", pictures=np.flip(paint_film(), axis))
    path = transcode(mirrored, tmp_path / "film.mp4", "-c", "copy", before=("-display_rotation", "0", option))
    _, seconds, evidence = read(path)
    check_pictures(seconds, evidence)


def test_a_turned_film_loses_its_letterbox(tmp_path: Path) -> None:
    pictures = letterbox(paint_shots(6, size=SIZE), top=22)
    lying = write_film(tmp_path / "lying.mp4", pictures=np.rot90(pictures, -1, axes=(1, 2)))
    path = transcode(lying, tmp_path / "film.mp4", "-c", "copy", before=("-display_rotation", "90"))
    truth, _ = measure_pixels(pictures[:, 22:-22])
    _, _, evidence = read(path)
    np.testing.assert_allclose(evidence.quadrants, truth, atol=3)


@pytest.mark.parametrize("codec", [("-c:v", "libx264", "-crf", "12", "-x264-params", "tff=1"), MPEG2, PRORES])
def test_an_interlaced_film_measures_as_the_progressive_one(tmp_path: Path, master: Path, codec: Sequence[str]) -> None:
    coding = ("-flags", "+ildct+ilme", "-field_order", "tt")
    path = transcode(master, tmp_path / "whole.mov", "-vf", "setfield=tff", "-pix_fmt", "yuv422p10le", *codec, *coding)
    check_pictures(*read(path)[1:])
    # Fifty pictures a second, of which each becomes a field, show the shots of the film in half the time.
    weave = "setpts=PTS/2,tinterlace=interleave_top,setfield=tff"
    _, _, evidence = read(transcode(master, tmp_path / "woven.mov", "-vf", weave, "-an", *codec, *coding))
    quadrants, _ = measure_pixels(paint_film()[: BOUNDARY - 1 : 2])
    np.testing.assert_allclose(evidence.quadrants[: len(quadrants)], quadrants, atol=3)


def test_an_anamorphic_film_measures_as_that_of_square_pixels(tmp_path: Path, master: Path) -> None:
    squeeze = ("-vf", "scale=240:180:flags=area,setsar=4/3")
    cut, seconds, evidence = read(transcode(master, tmp_path / "film.mp4", *squeeze, *X264))
    assert (cut.width, cut.height) == (240, 180)
    check_pictures(seconds, evidence)


@pytest.mark.parametrize("size", [(321, 181), (159, 97), (16, 16), (64, 500)])
@pytest.mark.parametrize("codec", [("ffv1", "yuv420p"), ("libvpx-vp9", "yuv420p"), ("libx264", "yuv444p")])
def test_odd_sizes_measure_as_they_were_made(
    tmp_path: Path, master: Path, size: tuple[int, int], codec: tuple[str, str]
) -> None:
    resize = ("-vf", f"scale={size[0]}:{size[1]}:flags=area", "-c:v", codec[0], "-pix_fmt", codec[1], "-crf", "8")
    cut, seconds, evidence = read(transcode(master, tmp_path / "film.mkv", *resize, "-an", "-frames:v", "32"))
    assert (cut.width, cut.height) == size
    np.testing.assert_allclose(evidence.quadrants[:25], measure_pixels(paint_film()[:25])[0], atol=4)
    assert list(list_numbers(seconds))[25:32] == list(range(7))


@pytest.mark.parametrize("codec", [X264, (*X265, *TEN_BITS)])
def test_a_film_of_8k_is_measured(tmp_path: Path, master: Path, codec: Sequence[str]) -> None:
    scale = "scale=8192:4320:out_color_matrix=bt709"
    enlarge = ("-vf", scale, "-pix_fmt", "yuv420p", *codec, "-an", "-frames:v", "2")
    cut, _, evidence = read(transcode(master, tmp_path / "film.mp4", *enlarge))
    assert (cut.width, cut.height) == (8192, 4320)
    np.testing.assert_allclose(evidence.quadrants[:2], measure_pixels(paint_film()[:2])[0], atol=3)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
@pytest.mark.parametrize(("rate", "count"), [(Fraction(1), 4), (Fraction(240), 250), (Fraction(120_000, 1001), 240)])
def test_slow_and_fast_films_show_what_is_on_show(tmp_path: Path, suffix: str, rate: Fraction, count: int) -> None:
    pictures = np.stack([paint_number(index, (64, 48)) for index in range(count)])
    cut, seconds, _ = read(write_film(tmp_path / f"film{suffix}", pictures=pictures, rate=rate))
    assert cut.frame_rate == rate
    assert float(cut.duration_s) == pytest.approx(float(count / rate), abs=0.002)
    # Matroska writes whole milliseconds.
    for index, number in enumerate(list(list_numbers(seconds))):
        first, last = ((Fraction(index, 25) + slack) * rate for slack in (Fraction(-1, 1000), Fraction(1, 1000)))
        assert max(0, int(first)) <= number <= int(last)


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize(("matrix", "tag"), [("bt601", "smpte170m"), ("bt709", "bt709"), ("bt2020", "bt2020nc")])
def test_saturated_colours_come_through_every_matrix_and_range(
    tmp_path: Path, matrix: str, tag: str, full: bool
) -> None:
    colour = (220, 20, 40)
    scale = f"scale=out_color_matrix={matrix}:out_range={'full' if full else 'limited'}:flags=accurate_rnd"
    tags = ("-colorspace", tag, "-color_range", "pc" if full else "tv", "-pix_fmt", "yuv420p")
    path = transcode(write_colour(tmp_path, colour, (320, 180)), tmp_path / "film.mp4", "-vf", scale, *X264, *tags)
    np.testing.assert_allclose(mean_colour(path), colour, atol=3)


@pytest.mark.parametrize(("size", "matrix"), [((720, 576), "bt601"), ((1280, 720), "bt709")])
def test_saturated_colours_without_a_tag_are_those_of_their_size(
    tmp_path: Path, size: tuple[int, int], matrix: str
) -> None:
    colour = (220, 20, 40)
    untag = f"scale=out_color_matrix={matrix}:flags=accurate_rnd,setparams=colorspace=unknown"
    made = transcode(write_colour(tmp_path, colour, size), tmp_path / "film.mp4", "-vf", untag, *X264)
    np.testing.assert_allclose(mean_colour(made), colour, atol=3)


def write_colour(folder: Path, colour: tuple[int, int, int], size: tuple[int, int]) -> Path:
    return write_master(folder / "master.mkv", np.full((3, size[1], size[0], 3), colour, np.uint8))


def mean_colour(path: Path) -> list[float]:
    _, (second,), _ = read(path)
    assert second.pictures is not None
    return second.pictures.reshape(-1, 3).mean(axis=0).tolist()
