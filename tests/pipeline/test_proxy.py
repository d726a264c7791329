"""Light copies: every frame at its instant, the sound without a seam, whatever the film was made in."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from pipeline import proxy
from pipeline.errors import Cancelled, FilmError, MediaDamaged
from pipeline.proxy import Piece, join_pieces, make_piece, plan_pieces
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


def test_the_sound_has_no_seam(tmp_path):
    film, copy = copy_film(
        write_numbers(tmp_path / "film.mov", Fraction(24000, 1001), 120, sound_codec="pcm_s16le"), tmp_path / "copy.mp4"
    )
    before, after = (read_stretch(cut, start_s=Fraction(1, 10), end_s=Fraction(49, 10)) for cut in (film, copy))
    assert np.abs(before).max() > 0.3
    assert np.abs(before - after).max() < 0.02  # Not shifted by a sample, and nothing is lost or clicks at the seams.


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
        join_pieces(cut, [(Piece(start=0, end=10, size_px=SIZE), b"no film")], tmp_path / "copy.mp4")
    with pytest.raises(FilmError):
        plan_pieces(replace(cut, path=tmp_path / "gone.mp4"))
