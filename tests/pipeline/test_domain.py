"""Whether a cut is of the kind that the curves were learned from."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.checkpoint import load_curve_model
from pipeline.domain import PIECE_S, learn_domain, measure_domain, write_warnings
from pipeline.features.extract import describe_evidence
from pipeline.types import STREAMS, Features, Floats
from studio.settings import read_settings
from studio.training import load_examples
from tests.pipeline.features.test_describe import WordCounts, make_evidence

NAMES = ("onsets", "pulse", "loudness")
RANDOM = np.random.default_rng(4)


def make_columns(seconds: int, level: float = 0.0) -> Floats:
    """Columns that drift, as films do."""
    drift = np.repeat(RANDOM.normal(0, 0.5, (seconds // 100 + 1, 3)), 100, axis=0)[:seconds]
    return (drift + RANDOM.normal(level, 1, (seconds, 3))).astype(np.float32)


def make_features(columns: Floats) -> Features:
    seconds = len(columns)
    return Features(
        frames=np.zeros((seconds, 0)),
        audio=columns,
        transcript=np.zeros((seconds, 0)),
        present=np.tile([False, True, False], (seconds, 1)),
        shot_starts_s=np.zeros(1),
        columns={"frames": (), "audio": NAMES, "transcript": ()},
        extractors={},
        draft=np.zeros(seconds, np.bool_),
    )


@pytest.fixture(scope="module")
def domains() -> dict[str, tuple[Floats, Floats, float]]:
    learned = learn_domain(make_columns(2400), NAMES, "audio", [(i, i + 600) for i in range(0, 2400, 600)])
    return {"audio": learned}


@pytest.mark.parametrize("seconds", [60, PIECE_S, 1000])
def test_more_of_the_same_is_not_warned_of_however_short(domains, seconds: int) -> None:  # type: ignore[no-untyped-def]
    features = make_features(make_columns(seconds))
    assert write_warnings(features, domains) == ()
    assert 0 < measure_domain(features, domains)["audio"] < 1


def test_a_stream_of_another_kind_is_told_by_its_name(domains) -> None:  # type: ignore[no-untyped-def]
    (warning,) = write_warnings(make_features(make_columns(600, level=3.0)), domains)
    assert warning.startswith("The sound of this cut is unlike the film that the curves were learned from")


def test_what_mastering_moves_is_no_reason_to_warn(domains) -> None:  # type: ignore[no-untyped-def]
    columns = make_columns(600)
    columns[:, NAMES.index("loudness")] += 50
    assert write_warnings(make_features(columns), domains) == ()


def test_a_picture_without_faces_is_told_and_one_with_them_is_not(domains) -> None:  # type: ignore[no-untyped-def]
    features = make_features(make_columns(100))
    faces = np.zeros(100, np.float32)
    (warning,) = write_warnings(replace(features, details={"face": faces}), domains)
    assert "Hardly a human face" in warning
    short = replace(make_features(make_columns(20)), details={"face": faces[:20]})
    assert write_warnings(short, domains) == ()
    faces[:30] = 0.4
    assert write_warnings(replace(features, details={"face": faces}), domains) == ()


@pytest.mark.data
def test_no_segment_of_the_training_film_is_warned_of_but_a_drone_is(data_dir: Path, tmp_path: Path) -> None:
    settings = read_settings({"THROUGHLINE_HOME": str(tmp_path), "THROUGHLINE_DATA": str(data_dir)})
    features, film = load_examples(settings)
    domains = load_curve_model().domain
    for start, end in film.blocks:
        part = {name: getattr(features, name)[start:end] for name in (*STREAMS, "present", "draft")}
        assert write_warnings(replace(features, **part), domains) == ()
    drone = make_evidence(400, rms=np.full(400 * 25, 0.1, np.float32))
    warnings = write_warnings(describe_evidence(drone, (), text_model=WordCounts()), domains)
    assert any(warning.startswith("The sound") for warning in warnings)
