"""Tests of harmed films by the hundred: each is measured or refused, in time, in little memory, and leaves nothing."""

import os
import selectors
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.films import make_tone, paint_shots, write_film
from tests.transcoding import transcode

ROOT = Path(__file__).parents[3]
MUTANTS = 90
"""Of each of eight films: 720 in all."""
DEADLINE_S = 30
PEAK_MB = 600

Write = Callable[[Path], Path]


def write_plain(path: Path, **codecs: str) -> Path:
    """Write a second of film, with the index of an MP4 in front, where harm to the rest reaches picture and sound."""
    options = {"movflags": "faststart"} if path.suffix == ".mp4" else None
    lines = None if path.suffix in (".ts", ".webm", ".avi") else [(0.1, 0.6, "Hello."), (0.7, 0.9, "You?")]
    pictures = paint_shots(1, size=(64, 48), shot_s=0.5)
    return write_film(path, pictures=pictures, sound=make_tone(1), lines=lines, options=options, **codecs)


def write_by_program(path: Path, *arguments: str) -> Path:
    return transcode(write_plain(path.with_name("plain.mkv")), path, "-sn", *arguments)


FILMS: dict[str, tuple[str, Write]] = {
    "H.264 and AAC in MP4": (".mp4", write_plain),
    "HEVC and FLAC in MKV": (".mkv", partial(write_plain, picture_codec="libx265", sound_codec="flac")),
    "MPEG-2 and AC-3 in TS": (".ts", partial(write_plain, picture_codec="mpeg2video", sound_codec="ac3")),
    "VP9 and Opus in WebM": (".webm", partial(write_plain, picture_codec="libvpx-vp9", sound_codec="libopus")),
    "MJPEG and PCM in AVI": (
        ".avi",
        lambda path: write_by_program(path, "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-c:a", "pcm_s16le"),
    ),
    "ProRes and PCM in MOV": (".mov", lambda path: write_by_program(path, "-c:v", "prores_ks", "-c:a", "pcm_s24le")),
    "floating point in MOV": (".mov", lambda path: write_by_program(path, "-c:v", "mjpeg", "-c:a", "pcm_f32le")),
    "MPEG-2 and PCM in MXF": (".mxf", lambda path: write_by_program(path, "-c:v", "mpeg2video", "-c:a", "pcm_s24le")),
}


class Analyst:
    """A process that analyses mutants one after the other, and is started anew when one of them ends it."""

    def __init__(self, scratch: Path) -> None:
        self._environment = {**os.environ, "TMPDIR": str(scratch)}
        self._process = self._start()

    def analyse(self, original: Path, seed: int) -> tuple[str, int, str]:
        """Return outcome (`measured`, `refused` or `bug`), peak memory in MB, and what there is to say."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{original} {seed}\n")
        self._process.stdin.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            line = self._process.stdout.readline() if selector.select(DEADLINE_S) else None
        if line:
            outcome, peak_mb, text = line.split(maxsplit=2)
            return outcome, int(peak_mb), text.strip()
        self.close()
        said = f"no answer in {DEADLINE_S} s" if line is None else f"the process ended with {self._process.returncode}"
        self._process = self._start()
        return "bug", 0, said

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _start(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "tests.pipeline.streams.harm"],
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )


@pytest.mark.parametrize("name", FILMS)
def test_whatever_is_harmed_ends_in_a_film_error_or_in_measurements(tmp_path: Path, name: str) -> None:
    suffix, write = FILMS[name]
    original = write(tmp_path / f"original{suffix}")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    analyst = Analyst(scratch)
    outcomes: Counter[str] = Counter()
    bugs = []
    try:
        for seed in range(MUTANTS):
            outcome, peak_mb, text = analyst.analyse(original, seed)
            outcomes[outcome] += 1
            if outcome == "bug" or peak_mb > PEAK_MB:
                bugs.append(f"mutant {seed}: {text}, {peak_mb} MB")
    finally:
        analyst.close()
    assert not bugs
    assert outcomes["measured"] >= MUTANTS // 4
    assert list(scratch.iterdir()) == []
