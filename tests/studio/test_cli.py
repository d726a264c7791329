"""The command line, as a person or a script runs it."""

import csv
import errno
import io
import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from pipeline.export.tables import render_curves_csv
from pipeline.streams.probe import probe_cut
from studio.arguments import build_parser
from studio.cli import COMMANDS, main
from tests.analyses import make_analysis
from tests.studio.films import make_film

ROOT = Path(__file__).parents[2]


def make_environ(home: Path) -> dict[str, str]:
    return {
        **os.environ,
        "THROUGHLINE_HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "",
        "THROUGHLINE_DATA": "",
    }


@pytest.fixture
def run(settings, tmp_path):
    def run_studio(*words: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "studio", *map(str, words)]
        environ = make_environ(settings.home)
        return subprocess.run(command, cwd=tmp_path, env=environ, text=True, capture_output=True, timeout=300)

    return run_studio


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_dispatched_and_has_help(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([*command.split(), "--help"])
    assert ended.value.code == 0
    assert "--json" in capsys.readouterr().out


def test_an_empty_library_lists_nothing(run):
    assert json.loads(run("library", "list", "--json").stdout) == []
    plain = run("library", "list")
    assert (plain.returncode, plain.stdout) == (0, "")
    assert "empty" in plain.stderr


def test_the_library_lists_what_scripts_rely_on(run, library):
    library.save_analysis(make_analysis(90.5, cut_id="aa", title="Schöne „Frauen“", path=Path("/films/a.mp4")))
    (entry,) = json.loads(run("library", "list", "--json").stdout)
    assert (entry["id"], entry["title"], entry["path"]) == ("aa", "Schöne „Frauen“", "/films/a.mp4")
    assert entry["duration_s"] == 90.5
    assert "Schöne „Frauen“" in run("library", "list").stdout


def test_a_cut_is_shown_with_its_notes_and_what_made_it(run, library):
    library.save_analysis(make_analysis(3, cut_id="aa", streams=("audio",)))
    shown = json.loads(run("library", "show", "a", "--json").stdout)
    assert shown["notes"] == ["There is no frames.", "There is no transcript."]
    assert shown["provenance"] == {"curves": "random", "text": "random"}
    plain = run("library", "show", "a")
    assert plain.returncode == 0
    assert "There is no transcript." in plain.stdout


def test_removing_takes_all_or_none_of_what_was_named(run, library):
    for cut_id in ("aa", "bb"):
        library.save_analysis(make_analysis(3, cut_id=cut_id))
    assert run("library", "remove", "aa", "cc").returncode == 2
    assert len(library.list_cuts()) == 2
    assert run("library", "remove", "aa", "bb").returncode == 0
    assert library.list_cuts() == []


def test_export_writes_the_same_bytes_to_the_screen_and_to_a_file(run, library, tmp_path):
    analysis = make_analysis(5, cut_id="aa")
    library.save_analysis(analysis)
    assert run("export", "aa", "--format", "csv").stdout == render_curves_csv(analysis)
    out = tmp_path / "new folder" / "curves.csv"
    assert run("export", "aa", "--format", "csv", "--out", out).returncode == 0
    assert out.read_bytes().decode() == render_curves_csv(analysis)
    assert [file.name for file in out.parent.iterdir()] == ["curves.csv"]


def test_export_hands_off_a_timeline_in_the_format_that_is_asked_for(run, library, tmp_path):
    library.save_analysis(make_analysis(600, cut_id="aa", seed=4, start_timecode="01:00:00:00"))
    done = run("export", "aa", "--format", "edl", "--top", 3, "--handles", 12, "--reel", "A001", "--in-order")
    assert done.returncode == 0
    assert done.stdout.startswith("TITLE: A test\nFCM: NON-DROP FRAME\n")
    assert [line.split()[1] for line in done.stdout.splitlines() if line[:3].isdigit()] == ["A001"] * 3
    out = tmp_path / "cut.otio"
    told = run("export", "aa", "--format", "otio", "--out", out, "--json")
    assert json.loads(told.stdout) == {"files": [str(out)]}
    assert json.loads(out.read_text())["OTIO_SCHEMA"].startswith("Timeline")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--format", "edl-drop"), "drop-frame is defined at 29.97 and 59.94"),
        (("--format", "edl", "--record-start", "noon"), "'noon'"),
        (("--format", "edl", "--handles", "-1"), "--handles"),
        (("--format", "edl", "--bin", "lines", "--template", "teaser"), "not allowed"),
        (("--format", "aaf"), "aaf"),
    ],
)
def test_an_export_that_makes_no_sense_is_refused(run, library, words, said):
    library.save_analysis(make_analysis(600, cut_id="aa", seed=4))
    done = run("export", "aa", *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_moments_are_ranked_with_timecode_and_reasons_that_add_up(run, library):
    library.save_analysis(make_analysis(600, cut_id="aa", seed=4, start_timecode="01:00:00:00"))
    moments = json.loads(run("rank", "aa", "--top", 5, "--json").stdout)
    assert [moment["rank"] for moment in moments] == [1, 2, 3, 4, 5]
    for moment in moments:
        assert moment["start_timecode"].startswith("01:0")
        assert moment["score"] == pytest.approx(sum(reason["weight"] for reason in moment["reasons"]))
        assert moment["start_s"] >= 300  # The first half of this film is an aside.
    plain = run("rank", "aa", "--top", 5).stdout
    assert all(moment["start_timecode"] in plain for moment in moments)
    assert moments[0]["reasons"][0]["name"] in plain


def test_a_curve_is_explained_at_a_timecode_with_frames_or_without_and_over_a_span(run, library):
    library.save_analysis(make_analysis(600, cut_id="aa", seed=4, start_timecode="01:00:00:00"))
    told = json.loads(run("explain", "aa", "--at", "01:01:23", "--json").stdout)
    assert (told["start_s"], told["end_s"], told["curve"]) == (83, 84, "tension")
    assert told["start_timecode"] == "01:01:23:00" or told["start_timecode"].startswith("01:01:22")
    assert set(told["shares"]) == {"picture", "sound", "words"}
    span = json.loads(
        run("explain", "aa", "--at", "01:01:23:04", "--until", "01:02:00", "--curve", "joy", "--json").stdout
    )
    assert (span["start_s"], span["end_s"], span["curve"]) == (83, 121, "joy")
    plain = run("explain", "aa", "--at", "01:01:23").stdout
    assert "tension" in plain
    assert "The model's reasons" in plain
    for cause in told["causes"]:
        assert cause["text"] in plain


def test_the_first_label_of_a_drop_frame_minute_is_found(run, library):
    analysis = make_analysis(600, cut_id="cc", start_timecode="01:00:00;00")
    cut = replace(analysis.cut, frame_rate=Fraction(30_000, 1001))
    library.save_analysis(replace(analysis, cut=cut))
    told = json.loads(run("explain", "cc", "--at", "01:01:00", "--json").stdout)
    assert told["start_s"] == 60
    assert run("explain", "cc", "--at", "00:59:00").returncode == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--at", "00:20:00"), "outside this film"),
        (("--at", "soon"), "no timecode"),
        (("--at", "00:00:10", "--until", "00:00:10"), "nothing"),
        (("--at", "00:00:10", "--curve", "boredom"), "boredom"),
        ((), "--at"),
    ],
)
def test_an_explanation_that_makes_no_sense_is_refused(run, library, words, said):
    library.save_analysis(make_analysis(600, cut_id="aa", seed=4))
    done = run("explain", "aa", *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_template_asks_for_moments_of_its_own_length(run, library):
    library.save_analysis(make_analysis(600, cut_id="aa", seed=4))
    moments = json.loads(run("rank", "aa", "--template", "spot15", "--json").stdout)
    assert moments
    assert all(1.99 <= moment["end_s"] - moment["start_s"] <= 4.01 for moment in moments)


@pytest.mark.parametrize("words", [("--top", "0"), ("--top", "many"), ("--template", "opera")])
def test_a_ranking_that_makes_no_sense_is_refused(run, words):
    done = run("rank", "aa", *words)
    assert done.returncode == 2
    assert words[0] in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("analyse", "missing.mp4"),
        ("analyse", "."),
        ("export", "0123", "--format", "csv"),
        ("library", "show", "0123"),
        ("library", "remove", "0123"),
    ],
)
def test_what_cannot_be_done_says_why_and_what_to_do_and_exits_with_2(run, words):
    plain = run(*words)
    assert (plain.returncode, plain.stdout) == (2, "")
    *_, message, hint = plain.stderr.splitlines()
    assert message.endswith(".")
    assert hint.endswith(".")
    told = run(*words, "--json")
    assert told.returncode == 2
    error = json.loads(told.stdout)["error"]
    assert (error["message"], error["hint"]) == (message, hint)
    assert error["kind"] in {"FileUnreadable", "LibraryError"}


def test_a_file_that_is_no_film_leaves_nothing_behind(run, tmp_path, library):
    (tmp_path / "letter.mp4").write_text("Dear Sir, this is no film.")
    assert run("analyse", "letter.mp4").returncode == 2
    assert [file.name for file in tmp_path.iterdir() if file.name != "home"] == ["letter.mp4"]
    assert library.list_cuts() == []


def test_a_folder_that_cannot_be_written_is_found_out_before_the_work(run, tmp_path):
    (tmp_path / "file").write_text("")
    done = run("analyse", "missing.mp4", "--out", "file/out")
    assert done.returncode == 2
    assert "--out" in done.stderr


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "Make room"),
        (OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full")), "Make room"),
        (MemoryError(), "Close other programs"),
    ],
)
def test_a_machine_that_is_full_is_no_bug(monkeypatch, capsys, error, said):
    def refuse(options, settings):
        raise error

    monkeypatch.setitem(COMMANDS, "library list", refuse)
    assert main(["library", "list"]) == 2
    assert said in capsys.readouterr().err


def test_a_setting_that_makes_no_sense_exits_with_2(settings, tmp_path):
    environ = {**make_environ(settings.home), "THROUGHLINE_SCHEDULER": "nonsense"}
    command = [sys.executable, "-m", "studio", "library", "list"]
    done = subprocess.run(command, cwd=tmp_path, env=environ, text=True, capture_output=True)
    assert done.returncode == 2
    assert "THROUGHLINE_SCHEDULER" in done.stderr


def test_a_reader_that_has_had_enough_is_no_error(settings, library):
    library.save_analysis(make_analysis(7200, cut_id="aa"))
    command = f"set -o pipefail; {sys.executable} -m studio export aa --format csv | head -n 1"
    environ = make_environ(settings.home)
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, env=environ, text=True, capture_output=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("second,timecode,")


def test_looking_into_the_library_loads_neither_streamlit_nor_tensorflow(settings):
    code = "import sys; from studio.cli import main; main(['library', 'list']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=make_environ(settings.home), capture_output=True)
    loaded = set(done.stdout.decode().split())
    assert "studio.store" in loaded
    assert not loaded & {"streamlit", "altair", "tensorflow", "keras", "distributed", "librosa", "av"}


def test_segments_are_read_as_numbers():
    words = ["evaluate", "curves", "--shipped", "--ratings", "r.csv", "--segments", "2,5"]
    assert build_parser().parse_args(words).segments == (2, 5)
    with pytest.raises(SystemExit):
        build_parser().parse_args(["evaluate", "curves", "--segments", "two"])


def test_training_without_its_data_says_where_they_are_looked_for(run, tmp_path):
    for words in (("evaluate", "curves"), ("evaluate", "text"), ("train", ROOT / "models" / "curve_net.toml")):
        done = run(*words, "--json")
        assert done.returncode == 2, done.stderr
        assert json.loads(done.stdout)["error"]["kind"] == "DataError"


def test_a_start_timecode_that_a_film_never_shows_is_refused_before_it_is_read(run, library, tmp_path):
    film = make_film(tmp_path / "night.mp4", seconds=1)
    done = run("analyse", film, "--start-timecode", "01:00:00;00")
    assert done.returncode == 2
    assert "The start timecode will not do: drop-frame timecode is not defined at 24 frames a second." in done.stderr
    assert "Give one like 01:00:00:00; this film runs at 24 frames a second." in done.stderr
    assert library.list_cuts() == []


def test_a_film_with_an_awkward_name_is_analysed_into_files_and_the_library(run, library, tmp_path):
    film = make_film(tmp_path / "Ein 'Film' – \"1\" 🎬.mp4", seconds=3)
    done = run("analyse", film, "--out", "out", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    names = {"curves.csv", "shots.csv", "segments.csv", "analysis.json", "curves.html"}
    assert {Path(file).name for file in answer["files"]} == names
    assert {file.name for file in (tmp_path / "out").iterdir()} == names
    (entry,) = library.list_cuts()
    assert (entry.id, entry.title) == (answer["id"], film.stem)
    table = (tmp_path / "out" / "curves.csv").read_bytes().decode()
    assert len(list(csv.DictReader(io.StringIO(table)))) == 3
    assert "%" in done.stderr
    again = run("analyse", film, "--out", "again")
    assert again.returncode == 0
    assert (tmp_path / "again" / "curves.csv").read_bytes().decode() == table
    assert run("export", film, "--format", "csv").stdout == table


SERVE = (
    "import sys, studio.cli, studio.workers; studio.workers.CONNECT_TIMEOUT_S = 1; sys.exit(studio.cli.main(['serve']))"
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("THROUGHLINE_HOME", "/proc/nope"),
        ("THROUGHLINE_DATABASE", "sqlite:////nowhere/at/all.sqlite"),
        ("THROUGHLINE_SCHEDULER", "tcp://127.0.0.1:9"),
        ("THROUGHLINE_SCHEDULER", "tls://127.0.0.1:9"),
    ],
)
def test_serve_without_what_it_needs_says_why_and_what_to_do(settings, name, value):
    environ = {**make_environ(settings.home), name: value}
    done = subprocess.run([sys.executable, "-c", SERVE], cwd=ROOT, env=environ, text=True, capture_output=True)
    assert done.returncode == 2, done.stderr
    message, hint = done.stderr.splitlines()
    assert value in message
    assert name in hint


def test_serve_refuses_a_damaged_secret(settings, run):
    settings.home.mkdir()
    (settings.home / "secret").write_text("short")
    done = run("serve")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 2)


def test_serve_turns_into_the_app_and_ends_when_asked(settings):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "studio", "serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=make_environ(settings.home), stdout=-3, stderr=-3)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5) as answer:
                    assert answer.status == 200
                break
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                assert process.poll() is None, "the app ended by itself"
                assert time.monotonic() < deadline, "the app does not answer"
                time.sleep(0.2)
    finally:
        process.terminate()
        process.wait(30)


def test_a_trailer_is_put_together_previewed_and_checked(run, tmp_path):

    out = tmp_path / "out"
    done = run("trailer", make_film(tmp_path / "film.mp4"), "--template", "spot15", "--out", out, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    written = json.loads((out / "trailer.json").read_text())
    assert {key: told[key] for key in written} == written
    suffixes = [".csv", ".edl", ".fcpxml", ".markers.csv", ".markers.edl", ".otio", ".xml"]
    timelines = [f"trailer{suffix}" for suffix in suffixes]
    assert sorted(path.name for path in out.iterdir()) == sorted(["preview.mp4", "trailer.json", *timelines])
    assert told["template"] == "spot15"
    assert told["clips"]
    assert sum(clip["end_s"] - clip["start_s"] for clip in told["clips"]) == pytest.approx(told["duration_s"])
    assert told["notes"]  # The film is shorter than the spot.
    assert all({"at_s", "severity", "text"} == set(finding) for finding in told["precheck"])
    assert abs(float(probe_cut(out / "preview.mp4").duration_s) - told["duration_s"]) < 0.06
    plain = run("trailer", "film.mp4", "--template", "social", "--person", "Ana Ferreira")
    assert plain.returncode == 0
    assert "not a certificate" in plain.stdout
    assert (tmp_path / "film-social" / "preview.mp4").is_file()


def test_a_trailer_of_a_film_that_has_gone_is_refused(run, library, tmp_path):
    library.save_analysis(make_analysis(cut_id="gone", path=tmp_path / "film.mp4"))
    done = run("trailer", "gone", "--template", "spot15", "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "film.mp4" in done.stderr
    assert not (tmp_path / "out").exists()
