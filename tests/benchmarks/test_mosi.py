from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import mosi
from models.text_examples import HEADS

LINES = ("I LOVED IT IT IS WONDERFUL", "I HATED IT IT IS AWFUL")


def write_videos(path: Path, count: int, *, seed: int) -> Path:
    """Videos of six utterances whose sound gives the label away, rows in no order, as an archive of the released form."""
    draw = np.random.default_rng(seed)
    names = np.repeat([f"video {seed} {n}" for n in range(count)], 6)
    labels = draw.integers(0, 2, len(names)).astype(np.int8)
    audio = draw.normal(size=(len(names), 5)).astype(np.float32)
    audio[:, 2] += 6 * labels
    columns = {
        "text": draw.normal(size=(len(names), 4)).astype(np.float32),
        "audio": audio,
        "video": draw.normal(size=(len(names), 3)).astype(np.float32),
        "label": labels,
        "video_id": names,
        "utterance": np.tile(np.arange(1, 7), count).astype(np.int16),
        "transcript": np.array([LINES[1 - label] for label in labels]),
    }
    shuffled = draw.permutation(len(names))
    np.savez(path, **{name: values[shuffled] for name, values in columns.items()})
    return path


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mosi")
    return write_videos(folder / "train.npz", 14, seed=1), write_videos(folder / "kept.npz", 5, seed=2)


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(mosi, "RECIPE", replace(mosi.RECIPE, steps=25, learning_rate=0.02))
    monkeypatch.setattr(mosi, "SEEDS", (0,))


def test_utterances_of_a_video_are_put_together_and_in_order(archives):
    videos = mosi.read_videos(archives[0])
    assert videos.spans == tuple((start, start + 6) for start in range(0, 84, 6))
    assert videos.features["clean"].shape == (84, sum(len(names) for names in HEADS.values()))
    with np.load(archives[0]) as stored:
        first = stored["audio"][(stored["video_id"] == "video 1 0") & (stored["utterance"] == 3)]
    np.testing.assert_array_equal(videos.features["audio"][2], first[0])


def test_the_curve_network_reads_videos_that_were_kept_elsewhere(archives, quick, capsys):
    train, kept = (mosi.read_videos(path) for path in archives)
    examples = mosi.make_examples(mosi.join_videos(train, kept), mosi.Row(name="sound", audio=("audio",)))
    said = mosi.predict_videos(examples, examples.blocks[:14], examples.blocks[14:])
    assert said.shape == kept.labels.shape
    assert np.mean((said >= 0.5) == (kept.labels == 1)) > 0.9


def test_a_stream_that_a_row_does_not_name_is_absent(archives):
    examples = mosi.make_examples(mosi.read_videos(archives[0]), mosi.Row(name="sound", audio=("audio",)))
    assert examples.present.any(axis=0).tolist() == [False, True, False]


def test_rows_whose_features_know_the_labels_are_given_no_figure(archives, quick, monkeypatch, capsys):
    monkeypatch.setattr(mosi, "FOLDS", 2)
    mosi.print_folds(mosi.read_videos(archives[0]))
    printed = {line[:38].strip(): line[38:] for line in capsys.readouterr().out.splitlines()[1:]}
    for row in mosi.ROWS:
        assert ("means nothing" in printed[row.name]) == row.knows_labels
    assert float(printed["sound"]) > 0.8
    assert float(printed["always the commoner answer"]) < 0.65


def test_no_video_is_on_both_sides(archives):
    videos = mosi.read_videos(archives[0])

    def check(train, test):
        assert not set(train) & set(test)
        assert sorted([*train, *test]) == sorted(videos.spans)
        return np.zeros(sum(end - start for start, end in test))

    assert mosi.score_folds(videos, check) == pytest.approx(1 - videos.labels.mean())


@pytest.mark.data
def test_what_the_shipped_text_network_reads_tells_praise_from_blame_on_real_videos(data_dir: Path):
    videos = mosi.read_videos(data_dir / "mosi" / "mosi_train.npz")
    assert len(videos.spans) == 62
    fold = slice(50, 62)
    said = mosi.predict_linear(videos, videos.spans[:50], videos.spans[fold])
    answers = np.concatenate([videos.labels[slice(*span)] for span in videos.spans[fold]])
    assert np.mean((said >= 0.5) == (answers == 1)) > 0.6
