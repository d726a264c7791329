"""A real film through the command line, with the shipped models."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from pipeline.types import CURVE_RANGE, CURVES, STREAMS

pytestmark = pytest.mark.data

ROOT = Path(__file__).parents[2]
FILES = ("analysis.json", "curves.csv", "curves.html", "segments.csv", "shots.csv")
SECONDS = 597


def run_studio(home: Path, *words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "studio", *map(str, words)],
        cwd=ROOT,
        env={**os.environ, "THROUGHLINE_HOME": str(home), "PYTHONWARNINGS": ""},
        text=True,
        capture_output=True,
        timeout=600,
    )


@pytest.fixture(scope="module")
def film(data_dir: Path) -> Path:
    return data_dir / "films" / "bbb_640x360.mp4"


@pytest.fixture(scope="module")
def home(film: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the film was analysed, its files in `out`."""
    folder = tmp_path_factory.mktemp("home")
    done = run_studio(folder, "analyse", film, "--out", folder / "out")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def columns(home: Path) -> Mapping[str, np.ndarray]:
    """The columns of curves.csv that hold numbers."""
    with (home / "out" / "curves.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0] if name != "timecode"}


def test_every_file_is_written(home: Path) -> None:
    assert sorted(path.name for path in (home / "out").iterdir()) == list(FILES)
    assert all(path.stat().st_size for path in (home / "out").iterdir())
    assert json.loads((home / "out" / "analysis.json").read_text(encoding="utf-8"))


def test_there_is_a_row_for_every_second_and_every_value_is_finite(columns: Mapping[str, np.ndarray]) -> None:
    np.testing.assert_array_equal(columns["second"], np.arange(SECONDS))
    assert all(np.isfinite(values).all() for values in columns.values())


@pytest.mark.parametrize("name", CURVES)
def test_every_curve_keeps_to_its_range_and_its_band(columns: Mapping[str, np.ndarray], name: str) -> None:
    lowest, highest = CURVE_RANGE[name]
    low, values, high = columns[f"{name}_low"], columns[name], columns[f"{name}_high"]
    assert lowest <= values.min()
    assert values.max() <= highest
    assert (low <= values).all()
    assert (values <= high).all()


def test_tension_moves_with_the_film(columns: Mapping[str, np.ndarray]) -> None:
    assert np.ptp(columns["tension"]) > 0.05


def test_the_shares_of_the_streams_add_up(columns: Mapping[str, np.ndarray]) -> None:
    shares = sum(columns[f"{stream}_share"] for stream in STREAMS)
    np.testing.assert_allclose(shares, 1, atol=0.002)


def test_the_library_lists_the_film(home: Path, film: Path) -> None:
    (entry,) = json.loads(run_studio(home, "library", "list", "--json").stdout)
    assert entry["title"] == "bbb_640x360"
    assert Path(entry["path"]) == film
    assert entry["duration_s"] == pytest.approx(SECONDS, abs=1)


def test_its_best_moments_begin_with_shots_or_in_long_ones_and_keep_out_of_its_end(home: Path) -> None:
    with (home / "out" / "shots.csv").open(encoding="utf-8", newline="") as file:
        shots = [(float(row["start_s"]), float(row["end_s"])) for row in csv.DictReader(file)]
    (entry,) = json.loads(run_studio(home, "library", "list", "--json").stdout)
    moments = json.loads(run_studio(home, "rank", entry["id"], "--top", 10, "--json").stdout)
    assert len(moments) == 10
    for moment in moments:
        start_s, end_s = next(shot for shot in reversed(shots) if shot[0] <= moment["start_s"] + 1e-3)
        assert abs(moment["start_s"] - start_s) < 1e-3 or end_s - start_s > 12
        assert moment["end_s"] <= 0.86 * SECONDS
