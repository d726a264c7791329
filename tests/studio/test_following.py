"""`analyse --live`: what is told while a film is written, what is kept of it, and what follows."""

import csv
import json
import os
import signal
import threading
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import FileUnreadable, FilmError, LibraryError, TranscriptError
from pipeline.live import LiveSpan
from studio import cli
from studio.arguments import build_parser
from studio.following import describe_span
from studio.networks import load_live_models
from studio.settings import Settings
from tests.films import make_tone, paint_shots, write_film
from tests.growing import grow

SECONDS = 24


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sound = np.concatenate(
        [make_tone(SECONDS // 2, left=0.02, right=0.02), make_tone(SECONDS // 2, left=0.6, right=0.6)]
    )
    return write_film(
        tmp_path_factory.mktemp("whole") / "film.mkv",
        pictures=paint_shots(SECONDS, shot_s=3.5),
        sound=sound,
        sound_codec="flac",
    )


def run(words: list[str], settings: Settings) -> None:
    cli.analyse(build_parser().parse_args(["analyse", *words]), settings)


def test_a_growing_film_is_told_second_by_second_and_then_analysed(
    film: Path, tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    load_live_models()  # So that the film is still being written when it is opened.
    growing, out, early, told_twice = tmp_path / "growing.mkv", tmp_path / "out", [], threading.Event()
    writer = grow(film, growing, told=told_twice)

    def describe(span: LiveSpan) -> str:
        early.append(writer.is_alive())
        if len(early) == 2:
            told_twice.set()
        assert len((out / "live.csv").read_text().splitlines()) == 1 + span.first + len(span.curves.values)
        return describe_span(span)

    monkeypatch.setattr("studio.following.describe_span", describe)
    run([str(growing), "--live", "--patience", "20", "--out", str(out)], settings)
    writer.join()
    assert early.count(True) >= 2
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in told[:SECONDS]] == [f"0:00:{second:02d}" for second in range(SECONDS)]
    assert all("tension" in line and "valence" in line for line in told[:SECONDS])
    live = list(csv.DictReader((out / "live.csv").read_text().splitlines()))
    whole = list(csv.DictReader((out / "curves.csv").read_text().splitlines()))
    assert len(live) == len(whole) == SECONDS
    assert set(whole[0]) - set(live[0]) == {"timecode"}
    for row in live:
        assert float(row["tension_low"]) <= float(row["tension"]) <= float(row["tension_high"])
    assert f"growing: {SECONDS} seconds" in "\n".join(told)


def test_an_interruption_ends_the_following_and_what_there_is_is_analysed(
    film: Path, tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(span: LiveSpan) -> str:
        os.kill(os.getpid(), signal.SIGINT)
        return describe_span(span)

    monkeypatch.setattr("studio.following.describe_span", interrupt)
    before = signal.getsignal(signal.SIGINT)
    run([str(film), "--live", "--patience", "600", "--out", str(tmp_path / "out")], settings)
    assert signal.getsignal(signal.SIGINT) is before
    assert f"film: {SECONDS} seconds" in capsys.readouterr().out


def test_a_film_whose_index_comes_last_is_analysed_once_it_is_finished(
    tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    film = write_film(tmp_path / "film.mp4", pictures=paint_shots(6), sound=make_tone(6))
    run([str(film), "--live", "--patience", "1", "--out", str(tmp_path / "out")], settings)
    told = capsys.readouterr()
    assert "fragmented" in told.err
    assert "film: 6 seconds" in told.out


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["nowhere.mkv"], FileUnreadable),
        (["s3://films/film.mkv"], FileUnreadable),
        (["FILM", "--transcript", "no.srt"], TranscriptError),
    ],
)
def test_what_cannot_be_followed_is_refused_before_anything_is_written(
    film: Path, tmp_path: Path, settings: Settings, words: list[str], error: type[FilmError]
) -> None:
    words = [str(film) if word == "FILM" else word for word in words]
    with pytest.raises(error):
        run([*words, "--live", "--out", str(tmp_path / "out")], settings)
    assert not (tmp_path / "out").exists()


def test_a_machine_gets_one_document_and_the_table(
    film: Path, tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    run([str(film), "--live", "--patience", "1", "--out", str(tmp_path / "out"), "--json"], settings)
    files = json.loads(capsys.readouterr().out)["files"]
    assert Path(files[0]).name == "live.csv"
    assert len(Path(files[0]).read_text().splitlines()) == 1 + SECONDS


def test_what_the_library_holds_does_not_grow(settings: Settings) -> None:
    with pytest.raises(LibraryError):
        run(["--old", "--live"], settings)
