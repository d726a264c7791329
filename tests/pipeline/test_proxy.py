"""Light copies: every frame at its instant, the sound without a seam, whatever the film was made in."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from pipeline import proxy
from pipeline.errors import Cancelled, FilmError, MediaDamaged
from pipeline.footage import Piece
from pipeline.proxy import join_pieces, make_piece, plan_pieces
from pipeline.streams.excerpt import read_frames, read_stretch
from pipeline.streams.playback import judge_playback
from pipeline.streams.probe import probe_cut
from pipeline.types import SOUND_HZ
from tests.films import make_tone, paint_number, paint_shots, read_number, write_film
from tests.transcoding import transcode, write_master

SIZE = (320, 180)


@pytest.fixture(autouse=True)
def _short_pieces(monkeypatch):
    monkeypatch.setattr(proxy, "PIECE_S", 1)


def copy_film(film, path):
    """Make the light copy of a film, its pieces in another order than they are joined in; return both cuts."""
    cut = probe_cut(film)
    pieces = plan_pieces(cut)
    made = {piece: make_piece(cut, piece) for piece in reversed(pieces)}
    join_pieces(cut, [(piece, made[piece]) for piece in pieces], path)
    return cut, probe_cut(path)


def list_shown(cut, *, frames):
    """The numbers that a cut shows at each of its frames."""
    end_s = frames / cut.timecode_rate
    return [read_number(p) for p in read_frames(cut, start_s=Fraction(0), end_s=end_s, box_px=SIZE)]


def write_numbers(path, rate, count, **options):
    pictures = np.stack([paint_number(index, SIZE) for index in range(count)])
    return write_film(path, pictures=pictures, rate=rate, sound=make_tone(count / rate), **options)


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(25), Fraction(60000, 1001)])
def test_every_frame_stands_at_its_instant(tmp_path, rate):
    count = 200
    film, copy = copy_film(write_numbers(tmp_path / "film.mp4", rate, count), tmp_path / "copy.mp4")
    assert judge_playback(copy.path).is_light
    assert (copy.frame_rate, copy.start_timecode) == (rate, None)
    assert list_shown(copy, frames=count) == list_shown(film, frames=count) == list(range(count))
    assert copy.duration_s == pytest.approx(film.duration_s, abs=1024 / SOUND_HZ)


def test_prores_becomes_what_a_browser_plays(tmp_path):
    pictures = np.stack([paint_number(index, SIZE) for index in range(60)])
    master = write_master(tmp_path / "master.mkv", pictures)
    film = transcode(master, tmp_path / "film.mov", "-c:v", "prores_ks", "-c:a", "pcm_s24le")
    assert not judge_playback(film).is_playable
    cut, copy = copy_film(film, tmp_path / "copy.mp4")
    assert judge_playback(copy.path).is_light
    assert (copy.width, copy.height) == SIZE
    assert list_shown(copy, frames=60) == list(range(60))
    shown = next(read_frames(copy, start_s=Fraction(1), end_s=Fraction(26, 25), box_px=SIZE)).astype(int)
    assert np.abs(shown - next(read_frames(cut, start_s=Fraction(1), end_s=Fraction(26, 25), box_px=SIZE))).mean() < 6


@pytest.mark.parametrize(
    ("name", "codec", "loudest"),
    [("film.mov", "pcm_s16le", 0.02), ("film.mkv", "flac", 0.12), ("film.mkv", "aac", 2)],
)
def test_the_sound_has_no_seam(tmp_path, name, codec, loudest):
    film = write_numbers(tmp_path / name, Fraction(24000, 1001), 120, sound_codec=codec)
    _, copy = copy_film(film, tmp_path / "copy.mp4")
    tone, heard = make_tone(5), read_stretch(copy, start_s=Fraction(0), end_s=Fraction(5))
    middle = slice(4800, 5 * SOUND_HZ - 4800)
    # Matroska counts in milliseconds, so a piece may lie half of one beside the next; but nothing is lost or clicks.
    assert np.abs(heard - tone)[middle].max() < loudest
    steps = np.abs(np.diff(heard[middle, 0])).max()
    assert steps < 1.2 * np.abs(np.diff(tone[middle, 0])).max()


def test_a_bang_at_a_joint_sounds_as_in_the_film(tmp_path):
    sound = make_tone(3, left=0.02, right=0.02)
    for at_s in (0.995, 1.0, 1.005, 1.985, 2.0, 2.01):
        bang = slice(round(at_s * SOUND_HZ), round(at_s * SOUND_HZ) + 240)
        sound[bang] += 0.8 * np.sin(np.arange(240) * 0.9)[:, None].astype(np.float32) * np.linspace(1, 0, 240)[:, None]
    film = write_film(tmp_path / "film.mov", pictures=paint_shots(3), sound=sound, sound_codec="pcm_s16le")
    cut, copy = copy_film(film, tmp_path / "copy.mp4")
    pieces = plan_pieces(cut)
    whole = replace(pieces[0], end=pieces[-1].end, blocks=(0, pieces[-1].blocks[1]))
    join_pieces(cut, [(whole, make_piece(cut, whole))], tmp_path / "whole.mp4")
    heard, at_once = (
        read_stretch(probe_cut(path), start_s=Fraction(0), end_s=Fraction(3))
        for path in (copy.path, tmp_path / "whole.mp4")
    )
    noise, least = (np.abs(each - sound)[2400:-4800].max() for each in (heard, at_once))
    assert noise < 1.3 * least  # What the joints add to what the coder itself changes.


@pytest.mark.parametrize("suffix", [".ts", ".mkv", ".avi", ".flv"])
def test_no_frame_is_lost_at_the_end(tmp_path, suffix):
    codec = {".flv": "libx264", ".avi": "mpeg4"}.get(suffix, "libx264")
    for count in (47, 48, 50):
        film = write_numbers(
            tmp_path / f"{count}{suffix}", Fraction(24000, 1001), count, picture_codec=codec, sound_codec="aac"
        )
        cut, copy = copy_film(film, tmp_path / f"{count}.mp4")
        assert plan_pieces(cut)[-1].end >= count
        assert list_shown(copy, frames=count) == list_shown(cut, frames=count)


def test_sound_that_outlasts_the_picture_is_whole_and_the_last_picture_stays(tmp_path):
    pictures = np.stack([paint_number(index, SIZE) for index in range(30)])
    film = write_film(tmp_path / "film.mp4", pictures=pictures, sound=make_tone(3.5))
    _, copy = copy_film(film, tmp_path / "copy.mp4")
    assert list_shown(copy, frames=87) == [*range(30), *[29] * 57]
    heard = read_stretch(copy, start_s=Fraction(3), end_s=Fraction(7, 2))
    assert np.abs(heard - make_tone(3.5)[3 * SOUND_HZ :])[:-2000].max() < 0.02


def test_slow_and_fast_films_keep_their_clock(tmp_path):
    for rate, count in ((Fraction(1), 4), (Fraction(240), 500)):
        pictures = np.stack([paint_number(index % 256, SIZE) for index in range(count)])
        film = write_film(tmp_path / f"{count}.mp4", pictures=pictures, rate=rate, sound=make_tone(count / rate))
        _, copy = copy_film(film, tmp_path / f"{count}-copy.mp4")
        assert list_shown(copy, frames=count) == [index % 256 for index in range(count)]


def test_variable_rates_stand_where_their_stamps_say(tmp_path):
    times_s = [0.0, 0.4, 0.44, 0.8, 1.2, 1.24, 1.9]
    pictures = np.stack([paint_number(index, SIZE) for index in range(len(times_s))])
    film = write_film(tmp_path / "film.mkv", pictures=pictures, times_s=times_s)
    cut, copy = copy_film(film, tmp_path / "copy.mp4")
    frames = round(1.9 * cut.timecode_rate)
    assert list_shown(copy, frames=frames) == list_shown(cut, frames=frames)


def test_anamorphic_and_turned_pictures_stand_as_they_are_shown(tmp_path):
    wide = write_film(tmp_path / "wide.mp4", pictures=np.zeros((3, 576, 720, 3), np.uint8))
    for arguments, size_px in (
        (("-vf", "setsar=64/45"), (960, 540)),
        (("-vf", "scale=720:480,setsar=8/9"), (640, 480)),
    ):
        film = transcode(wide, tmp_path / f"{size_px[0]}.mp4", *arguments)
        assert plan_pieces(probe_cut(film))[0].size_px == size_px
    upright = transcode(wide, tmp_path / "upright.mp4", "-c", "copy", before=("-display_rotation", "90"))
    assert plan_pieces(probe_cut(upright))[0].size_px == (576, 720)


def test_a_film_whose_clock_does_not_begin_at_nought_has_a_copy_that_does(tmp_path):
    film = write_numbers(tmp_path / "film.ts", Fraction(25), 50, picture_start_s=Fraction(4), sound_start_s=4.0)
    _, copy = copy_film(film, tmp_path / "copy.mp4")
    assert list_shown(copy, frames=50) == list(range(50))


def test_films_without_a_picture_or_without_sound_are_copied(tmp_path):
    for name, given in (("mute.mp4", {"pictures": paint_shots(1.5)}), ("radio.wav", {"sound": make_tone(1.5)})):
        codec = {"sound_codec": "pcm_s24le"} if "sound" in given else {}
        film, copy = copy_film(write_film(tmp_path / name, **given, **codec), tmp_path / f"{name}.mp4")
        assert copy.streams == film.streams
        assert float(copy.duration_s) == pytest.approx(1.5, abs=0.05)


def test_odd_and_large_pictures_are_made_to_fit(tmp_path):
    film = write_film(tmp_path / "wide.mp4", pictures=np.zeros((3, 818, 1962, 3), np.uint8))
    assert plan_pieces(probe_cut(film))[0].size_px == (960, 400)
    small = write_film(tmp_path / "small.avi", pictures=np.zeros((3, 30, 46, 3), np.uint8), picture_codec="mpeg4")
    assert plan_pieces(probe_cut(small))[0].size_px == (46, 30)


def test_it_can_be_stopped_between_frames(tmp_path):
    cut = probe_cut(write_numbers(tmp_path / "film.mp4", Fraction(25), 50))

    def report(progress):
        raise Cancelled

    with pytest.raises(Cancelled):
        make_piece(cut, plan_pieces(cut)[0], report=report)


def test_a_damaged_piece_is_told_and_a_film_that_has_gone_too(tmp_path):
    cut = probe_cut(write_numbers(tmp_path / "film.mp4", Fraction(25), 10))
    with pytest.raises(MediaDamaged, match="piece"):
        join_pieces(
            cut,
            [(Piece(start=0, end=10, size_px=SIZE, box_px=SIZE, blocks=(0, 19)), b"no film")],
            tmp_path / "copy.mp4",
        )
    whole, half = plan_pieces(cut)[0], write_numbers(tmp_path / "half.mp4", Fraction(25), 5)
    with pytest.raises(MediaDamaged, match="piece"):
        join_pieces(cut, [(whole, make_piece(probe_cut(half), plan_pieces(probe_cut(half))[0]))], tmp_path / "copy.mp4")
    with pytest.raises(FilmError):
        plan_pieces(replace(cut, path=tmp_path / "gone.mp4"))
    with pytest.raises(FilmError, match="another film"):
        plan_pieces(replace(cut, path=half))
