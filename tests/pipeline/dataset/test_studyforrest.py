"""studyforrest as features and ratings."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.dataset import studyforrest
from pipeline.errors import DataError
from pipeline.features.frames import split_brightness
from pipeline.features.shots import find_boundaries
from pipeline.types import CURVES

RATED = sorted({name for group in studyforrest.EMOTION_GROUPS.values() for name in group})


def write_ratings(path: Path, **row: float | str) -> Path:
    names = ["arousal", "valence", "direction", *RATED]
    values = [str(row.get(name, 0.0)) for name in names]
    path.write_text(",".join(names) + "\n" + ",".join(values) + "\n")
    return path


def test_tension_is_the_declared_proxy(tmp_path: Path) -> None:
    ratings = studyforrest.read_ratings(
        write_ratings(tmp_path / "r.csv", arousal=0.5, valence=-0.4, fear=0.3, angerrage=0.1, hate=0.1)
    )
    named = dict(zip(CURVES, ratings[0], strict=True))
    assert named["tension"] == pytest.approx((0.5 + 0.5 + 0.4) / 3)
    assert named["arousal"] == pytest.approx(0.75)
    assert named["valence"] == pytest.approx(-0.4)


def test_calm_and_pleasant_seconds_have_no_tension_and_unease_is_bounded(tmp_path: Path) -> None:
    calm = studyforrest.read_ratings(write_ratings(tmp_path / "calm.csv", arousal=-0.9, valence=0.8))
    assert calm[0, 0] == 0
    worst = dict.fromkeys(studyforrest.UNEASE, 1.0)
    tense = studyforrest.read_ratings(write_ratings(tmp_path / "tense.csv", arousal=1.0, valence=-1.0, **worst))
    assert tense[0, 0] == pytest.approx(1)


def test_the_six_emotions_group_all_22_rated_ones_once() -> None:
    assert len(RATED) == 22
    assert sum(len(group) for group in studyforrest.EMOTION_GROUPS.values()) == 22


def test_a_row_with_an_empty_cell_is_unrated(tmp_path: Path) -> None:
    ratings = studyforrest.read_ratings(write_ratings(tmp_path / "r.csv", arousal=""))
    assert np.isnan(ratings[0, CURVES.index("arousal")])


@pytest.mark.parametrize("text", ["", "arousal,valence\n0,0\n", "arousal\nloud\n"])
def test_a_file_that_holds_no_ratings_is_refused_with_a_hint(tmp_path: Path, text: str) -> None:
    (tmp_path / "r.csv").write_text(text)
    with pytest.raises(DataError) as error:
        studyforrest.read_ratings(tmp_path / "r.csv")
    assert "arousal" in error.value.hint


def test_a_missing_data_set_says_where_it_is_looked_for(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        studyforrest.read_evidence(tmp_path)
    assert "THROUGHLINE_DATA" in error.value.hint


def test_damaged_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "english_dialog.csv").write_text("begin,end,text\n1,2,Hello\n")
    with pytest.raises(DataError, match=r"english_dialog\.csv"):
        studyforrest.read_dialogue(tmp_path)
    (tmp_path / "shots.csv").write_text("start\nsoon\n")
    with pytest.raises(DataError, match=r"shots\.csv"):
        studyforrest.read_shot_starts(tmp_path)


def test_restored_quadrants_give_back_the_three_brightness_measures() -> None:
    mean, vertical, horizontal = (np.float32([v]) for v in (100.0, 40.0, -20.0))
    quadrants = studyforrest._restore_quadrants(mean, vertical, horizontal)
    again = split_brightness(quadrants)
    np.testing.assert_allclose([float(a[0]) for a in again], [100 / 255, 40 / 510, -20 / 510], rtol=1e-6)


@pytest.mark.data
def test_the_data_set_s_distances_are_those_of_its_hashes(data_dir: Path) -> None:
    evidence = studyforrest.read_evidence(data_dir / "studyforrest")
    bits = np.unpackbits(evidence.phash, axis=1)
    distance = (bits[1:] != bits[:-1]).mean(axis=1)
    assert (np.abs(distance - evidence.norm_diff[1:]) < 1e-3).mean() > 0.999
    assert evidence.sound_present.mean() > 0.999


@pytest.mark.data
def test_hand_made_shots_are_found(data_dir: Path) -> None:
    folder = data_dir / "studyforrest"
    evidence = studyforrest.read_evidence(folder)
    truth = studyforrest.read_shot_starts(folder)
    found = find_boundaries(evidence.norm_diff, evidence.picture_present) / 25
    rated = np.isfinite(studyforrest.read_ratings(folder / "emotions_av_1s.csv")).all(axis=1)
    found = found[rated[found.astype(int)]]
    near = np.abs(found[:, None] - truth[None]).min(axis=1) <= 0.0801
    hit = np.abs(found[:, None] - truth[None]).min(axis=0) <= 0.0801
    precision, recall = near.mean(), hit.mean()
    assert 2 * precision * recall / (precision + recall) > 0.93


@pytest.mark.data
def test_ratings_and_features_join_into_eight_segments_of_which_six_are_rated(data_dir: Path) -> None:
    ratings = studyforrest.read_ratings(data_dir / "studyforrest" / "emotions_av_1s.csv")
    assert ratings.shape == (7085, len(CURVES))
    rated = ratings[np.isfinite(ratings).all(axis=1)]
    assert rated[:, CURVES.index("valence")].min() >= -1
    others = np.delete(rated, CURVES.index("valence"), axis=1)
    assert others.min() >= 0
    assert others.max() <= 1 + 1e-6
