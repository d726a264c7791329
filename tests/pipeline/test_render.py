"""The preview: its frames are those that the clips name, its sound is theirs, and it is whole or not there."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import ImageFont

from pipeline.clock import frame_to_seconds
from pipeline.errors import Cancelled, TrailerError
from pipeline.render import PreviewOptions, join_sound, render_preview
from pipeline.sequence import Clip, Trailer
from pipeline.streams.probe import probe_cut
from pipeline.types import SOUND_HZ, Cut, Progress
from pipeline.watermark import FONT
from tests.films import make_tone, paint_number, paint_shots, read_number, write_film
from tests.pipeline.streams.test_tonemap import HLG, PQ, to_hdr, write_hdr
from tests.transcoding import transcode

RATES = (Fraction(24_000, 1001), Fraction(25), Fraction(30_000, 1001))
SPANS = ((97, 131), (12, 13), (200, 240), (0, 25), (241, 256), (60, 84))
SMALL = PreviewOptions(height_px=96)


def make_trailer(spans: Sequence[tuple[int, int]], cut: Cut) -> Trailer:
    """A trailer of stretches of frames."""
    rate = cut.timecode_rate
    clips = tuple(
        Clip(start_s=frame_to_seconds(a, rate), end_s=frame_to_seconds(b, rate), role="any") for a, b in spans
    )
    return Trailer(
        cut_id=cut.cut_id, template="teaser", target_s=Fraction(60), clips=clips, arc=np.zeros(0), fit=float("nan")
    )


def read_preview(path: Path) -> tuple[list[np.ndarray], list[Fraction], np.ndarray]:
    """The pictures of a preview, their times, and its sound, (M,) of the left channel."""
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
        pictures = [frame.to_ndarray(format="rgb24") for frame in frames]
        times = [frame.pts * frame.time_base for frame in frames]
    with av.open(str(path)) as container:
        sound = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    return pictures, times, sound


def write_numbered(path: Path, *, rate: Fraction, start: int = 0, **more: object) -> Path:
    """A film of 256 frames, each of which shows its number."""
    pictures = np.stack([paint_number(index) for index in range(256)])
    return write_film(path, pictures=pictures, rate=rate, picture_start_s=start / rate, **more)


@pytest.mark.parametrize("rate", RATES, ids=["23.976", "25", "29.97"])
@pytest.mark.parametrize(
    ("suffix", "start", "codec"),
    [
        (".mp4", 0, "libx264"),
        (".mp4", 9, "libx264"),
        (".mkv", 9, "libx264"),
        (".ts", 20, "libx264"),
        (".avi", 0, "mpeg4"),
    ],
)
def test_the_frames_of_a_preview_are_those_that_the_clips_name(
    tmp_path: Path, rate: Fraction, suffix: str, start: int, codec: str
) -> None:
    # FFmpeg's AVI writer makes room for what AAC puts in front by leaving out the second picture.
    more = {} if codec == "libx264" else {"picture_codec": codec, "sound_codec": "pcm_s16le"}
    film = write_numbered(
        tmp_path / f"film{suffix}", rate=rate, start=start, sound=make_tone(256 / float(rate)), **more
    )
    cut = probe_cut(film)
    assert cut.frame_rate == rate
    path = render_preview(make_trailer(SPANS, cut), cut=cut, path=tmp_path / "preview.mp4", options=SMALL)
    pictures, times, _ = read_preview(path)
    assert [read_number(picture) for picture in pictures] == [n for a, b in SPANS for n in range(a, b)]
    assert times == [index / rate for index in range(len(pictures))]
    again = probe_cut(path)
    assert again.frame_rate == rate
    assert abs(again.duration_s - len(pictures) / rate) < Fraction(1, 20)


def test_frames_are_exact_far_behind_a_key_frame(tmp_path: Path) -> None:
    rate = RATES[0]
    film = write_numbered(tmp_path / "film.mp4", rate=rate)
    cut = probe_cut(film)
    for at in (0, 11, 12, 13, 100, 254, 255):
        path = render_preview(make_trailer([(at, at + 1)], cut), cut=cut, path=tmp_path / "one.mp4", options=SMALL)
        assert [read_number(picture) for picture in read_preview(path)[0]] == [at]


def test_a_film_of_varying_rate_shows_what_was_on_show(tmp_path: Path) -> None:
    rate = Fraction(25)
    times_s = [index / 25 for index in range(100) if index % 7 not in (3, 4)]
    numbers = [index for index in range(100) if index % 7 not in (3, 4)]
    pictures = np.stack([paint_number(index) for index in numbers])
    film = write_film(tmp_path / "film.mp4", pictures=pictures, rate=rate, times_s=times_s)
    cut = probe_cut(film)
    frames = [round(cut.timecode_rate * at) for at in (0.4, 3.2)]
    path = render_preview(
        make_trailer([(frames[0], frames[1])], cut), cut=cut, path=tmp_path / "preview.mp4", options=SMALL
    )
    instants = [n / cut.timecode_rate for n in range(frames[0], frames[1])]
    expected = [max(n for n in numbers if Fraction(n, 25) <= at + Fraction(1, 1000)) for at in instants]
    assert [read_number(picture) for picture in read_preview(path)[0]] == expected


def test_the_sound_is_that_of_the_clips_and_fades_at_every_cut(tmp_path: Path) -> None:
    rate = Fraction(25)
    steps = np.repeat(np.arange(1, 11), SOUND_HZ) / 20
    tone = make_tone(10, left=1.0, right=1.0) * steps[:, None].astype(np.float32)
    film = write_film(
        tmp_path / "film.mp4",
        pictures=paint_shots(10),
        rate=rate,
        sound=tone,
        sound_codec="aac",
        picture_start_s=Fraction(0),
    )
    cut = probe_cut(film)
    trailer = make_trailer([(200, 225), (50, 75), (125, 150)], cut)
    sound = join_sound(trailer.clips, cut)
    assert sound.shape == (3 * SOUND_HZ, 2)
    for k, level in enumerate((9, 3, 6)):
        inside = sound[k * SOUND_HZ + 4800 : (k + 1) * SOUND_HZ - 4800, 0]
        assert np.sqrt((inside**2).mean()) == pytest.approx(level / 20 / np.sqrt(2), rel=0.03)
        assert abs(sound[k * SOUND_HZ, 0]) < 1e-6
        assert abs(sound[(k + 1) * SOUND_HZ - 1, 0]) < 1e-3
    path = render_preview(trailer, cut=cut, path=tmp_path / "preview.mp4", options=SMALL)
    heard = read_preview(path)[2]
    lag = 0  # An MP4 says how much its coder put in front, and the decoder leaves it out.
    for k, level in enumerate((9, 3, 6)):
        inside = heard[lag + k * SOUND_HZ + 4800 : lag + (k + 1) * SOUND_HZ - 4800]
        assert np.sqrt((inside**2).mean()) == pytest.approx(level / 20 / np.sqrt(2), rel=0.05)


def test_picture_and_sound_stay_together_from_clip_to_clip(tmp_path: Path) -> None:
    rate = RATES[0]
    clicks = np.zeros((round(12 * SOUND_HZ), 2), np.float32)
    flashes = np.full((round(12 * rate), 96, 160, 3), 30, np.uint8)
    for n in range(12, len(flashes) - 12, 24):
        flashes[n] = 230
        at = round(n / rate * SOUND_HZ)
        clicks[at + 480 : at + 960] = 0.9  # In the middle of the frame, well inside the fades.
    film = write_film(tmp_path / "film.mkv", pictures=flashes, rate=rate, sound=clicks, sound_codec="pcm_s16le")
    cut = probe_cut(film)
    trailer = make_trailer([(100 + 7 * k, 125 + 7 * k + k) for k in range(0, 14, 1)], cut)
    path = render_preview(trailer, cut=cut, path=tmp_path / "preview.mp4", options=SMALL)
    pictures, times, heard = read_preview(path)
    lit = [float(time) for picture, time in zip(pictures, times, strict=True) if picture.mean() > 128]
    loud = np.flatnonzero(np.abs(heard) > 0.3)
    starts = loud[np.r_[True, np.diff(loud) > 1000]] / SOUND_HZ
    assert len(lit) == len(starts) > 10
    np.testing.assert_allclose(starts, np.array(lit) + 0.01, atol=0.012)


def test_a_film_without_sound_is_silent_and_one_without_picture_is_black(tmp_path: Path) -> None:
    mute = probe_cut(write_film(tmp_path / "mute.mp4", pictures=paint_shots(3)))
    pictures, _, sound = read_preview(
        render_preview(make_trailer([(5, 30)], mute), cut=mute, path=tmp_path / "a.mp4", options=SMALL)
    )
    assert len(pictures) == 25
    assert np.abs(sound).max() < 1e-3
    radio = probe_cut(write_film(tmp_path / "radio.wav", sound=make_tone(3), sound_codec="pcm_s16le"))
    pictures, _, sound = read_preview(
        render_preview(make_trailer([(5, 30)], radio), cut=radio, path=tmp_path / "b.mp4", options=SMALL)
    )
    assert len(pictures) == 25
    assert max(picture.max() for picture in pictures) < 20
    assert np.abs(sound).max() > 0.1


@pytest.mark.parametrize(
    ("size", "aspect", "expected"),
    [
        ((161, 97), None, (160, 96)),
        ((320, 180), None, (170, 96)),
        ((320, 180), Fraction(9, 16), (96, 170)),
        ((90, 160), Fraction(9, 16), (96, 170)),
        ((64, 200), Fraction(9, 16), (54, 96)),
    ],
)
def test_previews_have_even_sizes_and_the_shape_that_is_wanted(
    tmp_path: Path, size: tuple[int, int], aspect: Fraction | None, expected: tuple[int, int]
) -> None:
    even = (size[0] // 2 * 2, size[1] // 2 * 2)
    film = write_film(tmp_path / "film.mkv", pictures=paint_shots(1, size=even), picture_codec="ffv1")
    cut = probe_cut(film)
    path = render_preview(
        make_trailer([(3, 20)], cut),
        cut=cut,
        path=tmp_path / "preview.mp4",
        options=PreviewOptions(height_px=96, aspect=aspect),
    )
    picture = read_preview(path)[0][0]
    assert picture.shape[0] % 2 == picture.shape[1] % 2 == 0
    if aspect is None:
        assert picture.shape[0] == 96
        assert picture.shape[1] == pytest.approx(96 * even[0] / even[1], abs=2)
    else:
        assert picture.shape[1] / picture.shape[0] == pytest.approx(9 / 16, abs=0.02)


def test_an_upright_preview_keeps_what_moves(tmp_path: Path) -> None:
    pictures = np.full((50, 90, 160, 3), 60, np.uint8)
    for n, picture in enumerate(pictures):
        picture[20 + n % 20 : 50 + n % 20, 125:145] = 230
    film = write_film(tmp_path / "film.mp4", pictures=pictures)
    cut = probe_cut(film)
    options = PreviewOptions(height_px=67, aspect=Fraction(9, 16))
    path = render_preview(make_trailer([(0, 40)], cut), cut=cut, path=tmp_path / "preview.mp4", options=options)
    bright = np.mean([picture > 150 for picture in read_preview(path)[0]])
    assert bright == pytest.approx(20 * 30 / (90 * 50.6), rel=0.15)  # All of the moving patch is inside.


def test_the_watermark_is_burned_into_every_frame_and_nowhere_else(tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", pictures=np.full((50, 270, 480, 3), 90, np.uint8))
    cut = probe_cut(film)
    words = {"title": "Two Small Shapes", "person": "Ana Ferreira", "date": "2026-11-26"}
    options = PreviewOptions(height_px=270, **words)
    marked = read_preview(
        render_preview(make_trailer([(0, 40)], cut), cut=cut, path=tmp_path / "a.mp4", options=options)
    )[0]
    for picture in marked:
        corner, rest = picture[-30:, :300].astype(int), picture[:-40].astype(int)
        assert corner.max() - corner.min() > 80
        assert rest.max() - rest.min() < 20
    other = PreviewOptions(height_px=270, **{**words, "person": "Someone Else"})
    path = render_preview(make_trailer([(0, 1)], cut), cut=cut, path=tmp_path / "b.mp4", options=other)
    assert np.abs(read_preview(path)[0][0].astype(int) - marked[0]).max() > 60


def test_colours_come_through(tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", pictures=np.full((30, 720, 1280, 3), (200, 60, 40), np.uint8))
    cut = probe_cut(film)
    path = render_preview(make_trailer([(0, 20)], cut), cut=cut, path=tmp_path / "preview.mp4")
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        assert (frame.colorspace, frame.height) == (1, 540)  # BT.709
        shown = frame.reformat(format="rgb24", src_colorspace="ITU709").to_ndarray()[200, 300]
    # An untagged film of this size is taken for BT.709; the encoder of the test wrote BT.601, as it shows in no test here.
    assert shown[0] > 150
    assert shown[1] < 110


def test_progress_rises_and_a_cancelled_preview_leaves_nothing(tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", pictures=paint_shots(6))
    cut = probe_cut(film)
    seen: list[Progress] = []
    trailer = make_trailer([(0, 60), (70, 140)], cut)
    render_preview(trailer, cut=cut, path=tmp_path / "whole" / "preview.mp4", options=SMALL, report=seen.append)
    done = [progress.done for progress in seen]
    assert done == sorted(done)
    assert done[-1] == 1
    assert len(done) > 8

    def stop(progress: Progress) -> None:
        if progress.done > 0.4:
            raise Cancelled

    with pytest.raises(Cancelled):
        render_preview(trailer, cut=cut, path=tmp_path / "half" / "preview.mp4", options=SMALL, report=stop)
    assert list((tmp_path / "half").iterdir()) == []


def test_what_cannot_be_rendered_is_refused(tmp_path: Path) -> None:
    cut = probe_cut(write_film(tmp_path / "film.mp4", pictures=paint_shots(1)))
    with pytest.raises(TrailerError):
        render_preview(make_trailer([], cut), cut=cut, path=tmp_path / "preview.mp4")
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(TrailerError) as caught:
        render_preview(make_trailer([(0, 5)], cut), cut=cut, path=tmp_path / "file" / "preview.mp4")
    assert "folder" in caught.value.hint


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_high_dynamic_range_is_shown_in_the_range_of_the_preview(tmp_path: Path, transfer: int) -> None:
    grey = np.full((30, 96, 160, 3), 120, np.uint8)
    cut = probe_cut(write_hdr(tmp_path / "film.mp4", to_hdr(grey, transfer), transfer))
    path = render_preview(make_trailer([(2, 20)], cut), cut=cut, path=tmp_path / "preview.mp4", options=SMALL)
    for picture in read_preview(path)[0]:
        np.testing.assert_allclose(picture[:70].astype(int), 120, atol=5)


def test_a_turned_film_is_shown_upright(tmp_path: Path) -> None:
    pictures = np.full((30, 96, 160, 3), 40, np.uint8)
    pictures[:, :, :40] = 220  # The left quarter; turned clockwise, the top quarter.
    film = write_film(tmp_path / "film.mp4", pictures=pictures)
    turned = transcode(film, tmp_path / "turned.mp4", "-c", "copy", before=("-display_rotation", "90"))
    cut = probe_cut(turned)
    picture = read_preview(
        render_preview(make_trailer([(2, 20)], cut), cut=cut, path=tmp_path / "preview.mp4", options=SMALL)
    )[0][0]
    assert picture.shape[0] > picture.shape[1]
    rows = picture.mean(axis=(1, 2))
    assert abs(rows[0] - rows[-1]) > 100


@pytest.mark.parametrize("name", ["Ana García", "Łukasz Größe", "Ελένη", "Дмитрий – Ж"])
def test_every_letter_of_a_name_is_drawn(name: str) -> None:
    font = ImageFont.truetype(FONT, 40)
    missing = np.asarray(font.getmask("\uffff"))
    for letter in name.replace(" ", ""):
        assert not np.array_equal(np.asarray(font.getmask(letter)), missing), letter
