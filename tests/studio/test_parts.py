"""Tests of the parts of an analysis that is not complete."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import Cancelled
from pipeline.features.details import PICTURE_DETAILS
from pipeline.features.evidence import PictureEvidence, SoundEvidence
from pipeline.gather import gather_evidence
from pipeline.streams.probe import probe_cut
from pipeline.streams.read import ReadOptions, open_streams
from studio.parts import FORGOTTEN_AFTER_S, Parts, sweep_parts
from tests.analyses import make_analysis
from tests.films import make_tone, paint_shots, write_film
from tests.reading import assert_same_evidence

ROOT = Path(__file__).parents[2]
CUT = "0123456789abcdef"


@pytest.fixture
def parts(settings):
    return Parts(settings, CUT)


def make_picture(rows=50):
    random = np.random.default_rng(0)
    return PictureEvidence(
        first_row=125,
        quadrants=random.normal(size=(rows, 4)).astype(np.float32),
        phash=random.integers(0, 256, (rows, 18), np.uint8),
        centre=random.integers(0, 256, (rows, 18), np.uint8),
        contrast=random.integers(0, 128, rows, np.uint8),
        present=random.random(rows) > 0.5,
        times_s=random.random(rows),
        head="0a",
        tail="",
        still_seconds=np.arange(5, 5 + rows // 25),
        still_details=random.normal(size=(rows // 25, len(PICTURE_DETAILS))).astype(np.float32),
        jpegs=np.arange(rows, dtype=np.uint8),
        jpeg_ends=25 * np.arange(1, 1 + rows // 25),
    )


def make_sound(rows=50):
    return SoundEvidence(
        rms=np.ones(rows, np.float32),
        lrdiff=np.zeros(rows, np.float32),
        levels=np.full((rows, 24), 120, np.uint8),
        present=np.ones(rows, np.bool_),
        details=np.ones((rows // 25, 5), np.float32),
    )


def assert_equal(one, other):
    assert type(one) is type(other)
    for name, value in vars(one).items():
        np.testing.assert_array_equal(getattr(other, name), value)
        assert np.asarray(getattr(other, name)).dtype == np.asarray(value).dtype


@pytest.mark.parametrize("part", [make_picture(), make_sound(), make_picture(0)])
def test_a_part_comes_back_as_it_was(parts, part):
    assert parts.load("frames-0_1-end") is None
    parts.save("frames-0_1-end", part)
    assert_equal(part, parts.load("frames-0_1-end"))
    assert parts.load("sound") is None


def test_a_part_that_was_harmed_is_measured_again(parts, settings):
    parts.save("sound", make_sound())
    (file,) = (settings.home / "parts" / CUT).iterdir()
    whole = file.read_bytes()
    for harmed in (b"", whole[:100], whole[: len(whole) // 2], b"not an archive"):
        file.write_bytes(harmed)
        assert parts.load("sound") is None


def test_a_part_that_cannot_be_written_stops_nothing(parts, settings, caplog):
    settings.home.mkdir(parents=True, exist_ok=True)
    (settings.home / "parts").write_text("in the way")
    parts.save("sound", make_sound())
    assert "could not be kept" in caplog.text
    assert parts.load("sound") is None


def test_a_draft_comes_back_and_goes_with_the_rest(parts, settings):
    assert parts.load_draft() is None
    assert parts.draft_changed_at() is None
    analysis = make_analysis(cut_id=CUT)
    parts.save_draft(analysis)
    draft = parts.load_draft()
    assert draft is not None
    assert (draft.cut, draft.lines) == (analysis.cut, analysis.lines)
    assert parts.draft_changed_at() is not None
    parts.discard()
    assert parts.load_draft() is None
    assert not (settings.home / "parts" / CUT).exists()
    parts.discard()


def test_only_whole_files_are_left_behind(parts, settings):
    parts.save("sound", make_sound())
    parts.save_draft(make_analysis(cut_id=CUT))
    names = sorted(path.name for path in Path(settings.home / "parts" / CUT).iterdir())
    assert [Path(name).suffix for name in names] == [".npz", ".npz"]


def test_parts_that_nobody_comes_back_for_are_swept_up(settings):
    kept, forgotten = Parts(settings, CUT), Parts(settings, CUT[::-1])
    for parts in (kept, forgotten):
        parts.save("sound", make_sound())
    old_s = time.time() - FORGOTTEN_AFTER_S - 60
    os.utime(settings.home / "parts" / CUT[::-1], (old_s, old_s))
    sweep_parts(settings, now_s=time.time())
    assert kept.load("sound") is not None
    assert forgotten.load("sound") is None


SCRIPT = """
import sys
from pathlib import Path
from pipeline.chunks import OwnThreads
from pipeline.gather import gather_evidence
from pipeline.streams.probe import probe_cut
from pipeline.streams.read import ReadOptions, open_streams
from studio.parts import Parts
from studio.settings import read_settings

cut = probe_cut(Path(sys.argv[1]))
gather_evidence(open_streams(cut, ReadOptions(chunk_s=2)), keep=Parts(read_settings(), cut.cut_id), readers=OwnThreads(1))
"""


def test_work_that_is_killed_goes_on_from_its_finished_chunks(settings, tmp_path):
    film = write_film(tmp_path / "film.mp4", pictures=paint_shots(60, size=(320, 180)), sound=make_tone(60))
    cut = probe_cut(film)
    folder = settings.home / "parts" / cut.cut_id
    environ = {**os.environ, "THROUGHLINE_HOME": str(settings.home)}
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, str(film)], cwd=ROOT, env=environ)
    deadline_s = time.monotonic() + 60
    while len(list(folder.glob("*-frames-*.npz"))) < 3 and time.monotonic() < deadline_s:
        time.sleep(0.005)
    process.kill()
    process.wait()
    kept = {path: path.stat().st_mtime_ns for path in folder.glob("*-frames-*.npz")}
    streams = open_streams(cut, ReadOptions(chunk_s=2))
    assert 3 <= len(kept) < len(streams.chunks)
    evidence = gather_evidence(streams, keep=Parts(settings, cut.cut_id))
    assert all(path.stat().st_mtime_ns == changed for path, changed in kept.items())
    fresh = gather_evidence(open_streams(cut, ReadOptions(chunk_s=100)))
    assert_same_evidence(evidence, fresh)


HOLD = """
import sys
from studio.parts import Parts
from studio.settings import read_settings
with Parts(read_settings(), sys.argv[1]).hold(lambda: None):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_another_program_waits_for_whoever_reads_the_same_film(parts, settings):
    environ = {**os.environ, "THROUGHLINE_HOME": str(settings.home)}
    words, pipe = [sys.executable, "-c", HOLD, CUT], subprocess.PIPE
    waited = []
    with subprocess.Popen(words, cwd=ROOT, env=environ, stdin=pipe, stdout=pipe, text=True) as other:

        def wait():
            waited.append(other.poll())
            if len(waited) == 3:
                other.stdin.close()

        assert other.stdout.readline() == "held\n"
        with parts.hold(wait):
            assert other.wait(30) == 0
            assert waited[:3] == [None] * 3
    with pytest.raises(Cancelled), parts.hold(raise_cancelled), Parts(settings, CUT).hold(raise_cancelled):
        pytest.fail("it was held twice")
    parts.save_draft(make_analysis(cut_id=CUT))
    with parts.hold(raise_cancelled):
        Parts(settings, CUT).discard_unless_held()
        assert parts.load_draft() is not None
    parts.discard_unless_held()
    assert parts.load_draft() is None
    assert list((settings.home / "locks").iterdir()) == []


def raise_cancelled():
    raise Cancelled
