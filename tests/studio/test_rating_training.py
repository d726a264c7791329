"""`train --ratings` on real analyses of made films: the new weights follow the raters on a film that nobody rated."""

import json
from fractions import Fraction

import numpy as np
import pytest

from models.scores import pearson_r
from pipeline.errors import DataError, FilmError
from pipeline.export.rating_table import render_rating_table
from pipeline.ratings import RatingSeries
from pipeline.types import Analysis
from studio.analysing import analyse_once
from studio.cli import main
from studio.networks import OwnCrew
from studio.rating_training import train_on_ratings
from studio.settings import read_settings
from studio.store import Library, open_library
from tests.analyses import make_analysis
from tests.films import paint_shots, write_film

FILMS, FILM_S, RATE = 4, 60, Fraction(2)
LATE_S = 4
"""What these raters say is about so many seconds before: two that they are late, and half of the time they look back on."""


def make_sound(seed: int):
    """A tone in noise, whose level wanders."""
    random = np.random.default_rng(seed)
    levels_db = random.uniform(-40, -8, FILM_S // 6 + 2)
    times_s = np.arange(FILM_S * 16_000) / 16_000
    level = 10 ** (np.interp(times_s, 6.0 * np.arange(len(levels_db)), levels_db) / 20)
    wave = level * (0.2 * random.normal(size=len(times_s)) + 0.5 * np.sin(2 * np.pi * (200 + 50 * seed) * times_s))
    return np.clip(wave, -1, 1).astype(np.float32)[:, None]


def rate_silence(analysis: Analysis, seed: int) -> dict[int, float]:
    """What a person says whom silence makes tense, over the last seconds, two seconds late, with a hand that wanders."""
    features, random = analysis.features, np.random.default_rng(seed)
    loudness = features.audio[:, features.columns["audio"].index("loudness")]
    smooth = np.convolve(np.pad(loudness, (4, 0), "edge"), np.ones(5) / 5, "valid")
    late = np.concatenate([np.full(2, smooth[0]), smooth[:-2]])
    drift = np.convolve(random.normal(size=len(late) + 4), np.ones(5) / 5, "valid")
    rating = 0.5 - 0.15 * (late - late.mean()) / late.std() + 0.1 * drift
    return dict(enumerate(np.clip(rating, 0, 1).round(4).tolist()))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A library of made films, and a folder with a table of ratings for each but the last."""
    folder = tmp_path_factory.mktemp("studio")
    library = open_library(read_settings({"THROUGHLINE_HOME": str(folder / "home")}))
    analyses = []
    for seed in range(FILMS):
        pictures = paint_shots(FILM_S, rate=RATE, shot_s=2 + seed, size=(64, 36))
        film = write_film(
            folder / f"film {seed}.mp4", pictures=pictures, rate=RATE, sound=make_sound(seed), sound_hz=16_000
        )
        analyses.append(analyse_once(library, film, crew=OwnCrew(library.settings)))
    (folder / "ratings").mkdir()
    for place, analysis in enumerate(analyses[:-1]):
        series = [
            RatingSeries(
                cut_id=analysis.cut.cut_id,
                curve="tension",
                rater=f"R{k}",
                values=rate_silence(analysis, 10 * place + k),
            )
            for k in range(3)
        ]
        (folder / "ratings" / f"{place}.csv").write_text(render_rating_table(analysis.cut, series))
    yield folder, library, analyses
    library.close()


def test_weights_fitted_to_raters_whom_silence_makes_tense_follow_them_on_a_film_that_nobody_rated(
    home, monkeypatch, capsys
):
    folder, library, analyses = home
    monkeypatch.setenv("THROUGHLINE_HOME", str(folder / "home"))
    assert main(["train", "--ratings", str(folder / "ratings"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["curves"]["tension"]["kept"]
    assert told["curves"]["tension"]["tuned_r"] > told["curves"]["tension"]["shipped_r"] + 0.4
    assert told["warnings"] == []

    # The shipped weights stay the default; once the others are chosen, what was drawn before is old.
    unseen = analyses[-1]
    assert main(["library", "list", "--old", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    monkeypatch.setenv("THROUGHLINE_CURVES", told["model"])
    assert main(["library", "list", "--old", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == FILMS
    assert main(["analyse", "--again", unseen.cut.cut_id]) == 0
    capsys.readouterr()
    drawn = library.load_analysis(unseen.cut.cut_id)
    assert drawn.curves.model_id == drawn.provenance["curves"] == told["model"]
    rated = np.mean([list(rate_silence(unseen, 90 + k).values()) for k in range(3)], axis=0)
    curves = (analysis.curves.curve("tension")[:-LATE_S] for analysis in (unseen, drawn))
    before, after = (pearson_r(rated[LATE_S:], curve) for curve in curves)
    assert after > 0.7
    assert after > before + 0.4
    for curve in drawn.curves.names[1:]:
        np.testing.assert_allclose(drawn.curves.curve(curve), unseen.curves.curve(curve), atol=1e-4)

    card = (library.settings.models / f"{told['model']}.md").read_text()
    for words in (
        told["model"],
        "## Data",
        "## Protocol",
        "## Limits",
        "Leave one cut out",
        "Cronbach",
        "| tension | film 0 |",
    ):
        assert words in card


def test_one_rater_is_warned_of_and_too_few_seconds_are_refused(home, tmp_path):
    _, library, analyses = home
    tables = {f"{each.cut.cut_id}.csv": rate_table(each.cut.cut_id, rate_silence(each, 5)) for each in analyses[:3]}
    result = write_and_train(library, tmp_path / "three", tables)
    assert result.warnings == ("Only Ada rated tension: the curve follows one person's taste.",)
    assert result.warnings[0] in result.card.read_text()
    with pytest.raises(DataError, match="Too few seconds are rated: 60 of tension"):
        write_and_train(library, tmp_path / "one", dict([next(iter(tables.items()))]))


def test_what_cannot_be_fitted_is_refused_with_the_reason(home, tmp_path):
    _, library, analyses = home
    ids = [analysis.cut.cut_id for analysis in analyses]
    good = {f"{cut_id}.csv": rate_table(cut_id, rate_silence(analyses[0], 0)) for cut_id in ids[:3]}
    with pytest.raises(FilmError, match="There is no folder"):
        train_on_ratings(library, tmp_path / "nowhere", print)
    cases = {
        "holds no table": {},
        "no cut has the id": {"0000.csv": "second,rater,curve,value\n0,Ada,tension,0.5\n"},
        "stands in": {**good, f"{ids[0]}-2.csv": good[f"{ids[0]}.csv"]},
        "Row 3 of": {**good, "bad.csv": rate_table(ids[0], {0: 0.5, 500: 0.5}, rater="Kim")},
    }
    for words, tables in cases.items():
        with pytest.raises(FilmError, match=words):
            write_and_train(library, tmp_path / words.replace(" ", "-"), tables)
    library.save_analysis(make_analysis(90, cut_id="aa00"))
    with pytest.raises(DataError, match="measured by an older version"):
        write_and_train(library, tmp_path / "old", {**good, "aa00.csv": rate_table("aa00", {0: 0.5})})


def test_ratings_that_help_no_curve_write_nothing(home, tmp_path):
    _, library, analyses = home
    before = sorted(library.settings.models.glob("*"))
    tables = {}
    for analysis in analyses[:3]:
        as_shipped = dict(enumerate(analysis.curves.curve("tension").round(3).tolist()))
        tables[f"{analysis.cut.cut_id}.csv"] = rate_table(analysis.cut.cut_id, as_shipped)
    with pytest.raises(DataError, match="do not make the curves better"):
        write_and_train(library, tmp_path, tables)
    assert sorted(library.settings.models.glob("*")) == before


def rate_table(cut_id: str, values: dict[int, float], rater: str = "Ada") -> str:
    rows = [f"{cut_id},{second},{rater},tension,{value}" for second, value in values.items()]
    return "\n".join(["cut,second,rater,curve,value", *rows]) + "\n"


def write_and_train(library: Library, folder, tables: dict[str, str]):
    folder.mkdir(exist_ok=True)
    for name, text in tables.items():
        (folder / name).write_text(text)
    return train_on_ratings(library, folder, lambda progress: None)
