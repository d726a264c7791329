"""Training and measuring through the command line's functions: a small honest sample of each, on the real data."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import studio.curve_training
from models.evaluate_curves import SHIPPED, evaluate_recipes, format_table, score_predictions
from models.spec import CurveTraining
from pipeline.curves import predict_curves
from pipeline.errors import DataError, FilmError
from pipeline.types import ignore_progress
from studio.settings import Settings, read_settings
from studio.training import EvaluateOptions, evaluate, load_examples, train_from_toml

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def settings(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("home")
    return read_settings({"THROUGHLINE_HOME": str(home), "THROUGHLINE_DATA": str(data_dir)})


@pytest.fixture(scope="module")
def film(settings: Settings):  # type: ignore[no-untyped-def]
    return load_examples(settings)


def test_the_shipped_weights_know_the_film_they_were_trained_on(film) -> None:  # type: ignore[no-untyped-def]
    from models.checkpoint import load_curve_model

    features, examples = film
    curves = predict_curves(features, model=load_curve_model())
    row = score_predictions("shipped", np.asarray(curves.values)[None], examples, examples.rated_blocks)
    tension = examples.curves.index("tension")
    assert row.r[0, :, tension].mean() > 0.5


def test_the_band_holds_about_what_it_promises_on_the_training_film(film) -> None:  # type: ignore[no-untyped-def]
    from models.checkpoint import load_curve_model

    features, examples = film
    curves = predict_curves(features, model=load_curve_model())
    rated = examples.rated
    inside = (curves.low[rated] <= examples.ratings[rated]) & (examples.ratings[rated] <= curves.high[rated])
    assert (inside.mean(axis=0) > 0.75).all()


def test_a_sample_of_the_table_holds_every_row(film) -> None:  # type: ignore[no-untyped-def]
    _, examples = film
    short = CurveTraining(steps=2, crop_s=60, batch=2)
    evaluation = evaluate_recipes(examples, short, seeds=(0,), blocks=(0,), workers=1)
    names = [row.name for row in evaluation.rows]
    assert {"ridge", "loudness + cut rate", "position in the film", "LSTM", "non-recurrent twin", SHIPPED} <= set(names)
    assert all(np.isfinite(row.r).all() for row in evaluation.rows)
    start, end = examples.blocks[0]
    assert np.isfinite(evaluation.held_out[:, start:end]).all()
    assert np.isnan(evaluation.held_out[:, end:]).all()
    assert format_table(evaluation, ("tension",)).count("\n") == len(names) + 1


def test_shipped_weights_are_scored_on_named_segments_of_any_ratings_file(settings: Settings, tmp_path: Path) -> None:
    """As an audit does it: ratings of the segments that are unlabelled here, kept elsewhere."""
    lines = (settings.data / "studyforrest" / "emotions_av_1s.csv").read_text().splitlines()
    filled = [line if not line.startswith(",") else lines[1 + t % 800] for t, line in enumerate(lines[1:])]
    ratings = tmp_path / "ratings.csv"
    ratings.write_text("\n".join([lines[0], *filled]) + "\n")
    command = [sys.executable, "-m", "studio", "evaluate", "curves", "--shipped", "--json"]
    command += ["--ratings", str(ratings), "--segments", "2,5"]
    environ = {"THROUGHLINE_HOME": str(settings.home), "THROUGHLINE_DATA": str(settings.data), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environ)
    scores = json.loads(done.stdout)
    assert set(scores["segments"]) == {"2", "5"}
    for curve in ("tension", "arousal", "valence", "joy", "love", "fear", "anger", "sadness", "relief"):
        assert -1 <= scores["segments"]["2"][curve]["r"] <= 1
        assert set(scores["mean"][curve]) == {"r", "ccc"}


def test_segments_without_ratings_are_refused_with_the_ones_that_have_them(settings: Settings) -> None:
    with pytest.raises(DataError) as error:
        evaluate("curves", settings, EvaluateOptions(shipped=True, segments=(2,)), ignore_progress)
    assert "0, 1, 3, 4, 6, 7" in error.value.hint


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("curves", EvaluateOptions(segments=(2,))),
        ("curves", EvaluateOptions(shipped=True, lines=Path("lines.tsv"))),
        ("text", EvaluateOptions(shipped=True, segments=(2,))),
    ],
)
def test_options_that_would_be_ignored_are_refused(settings: Settings, kind: str, options: EvaluateOptions) -> None:
    with pytest.raises(FilmError):
        evaluate(kind, settings, options, ignore_progress)


def test_lines_kept_elsewhere_score_the_text_network(settings: Settings, tmp_path: Path) -> None:
    lines = tmp_path / "lines.tsv"
    lines.write_text("I hate you!\t1\nWhat a wonderful day!\t5\nI am so scared.\t4\n")
    report = evaluate("text", settings, EvaluateOptions(shipped=True, lines=lines), ignore_progress)
    assert 0 <= report.values["macro_f1"] <= 1


def test_a_training_run_that_is_not_known_is_refused(settings: Settings, tmp_path: Path) -> None:
    for text in ("", "kind = 'dreams'\n", "not toml"):
        (tmp_path / "run.toml").write_text(text)
        with pytest.raises(FilmError) as error:
            train_from_toml(tmp_path / "run.toml", settings, ignore_progress)
        assert "curve_net.toml" in error.value.hint


def test_a_short_training_run_writes_weights_and_card(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole way of `train`, two steps long, into a folder of its own."""
    from models.checkpoint import load_curve_model

    toml = (
        Path("models/curve_net.toml").read_text().replace("steps = 160", "steps = 2").replace("[0, 1, 2, 3, 4]", "[0]")
    )
    toml = toml.replace("crop_s = 320", "crop_s = 60").replace("batch = 18", "batch = 2")
    (tmp_path / "run.toml").write_text(toml)
    monkeypatch.setattr(studio.curve_training, "CURVE_WEIGHTS", tmp_path / "curve_net.keras")
    weights = train_from_toml(tmp_path / "run.toml", settings, ignore_progress)
    model = load_curve_model(weights)
    card = weights.with_suffix(".md").read_text()
    assert model.model_id in card
    assert f"| {SHIPPED} |" in card
    with Image.open(tmp_path / "curve_net.png") as plot:
        assert plot.size[0] > 400
