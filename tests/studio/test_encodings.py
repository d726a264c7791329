"""Optional encoders from the setting to the ranking, with small SavedModels in a TensorFlow Hub cache."""

from dataclasses import replace

import numpy as np
import pytest

from models.hub_encoders import HANDLES
from pipeline.encodings import Encodings
from pipeline.errors import ModelError
from studio.analysing import analyse_once
from studio.encodings import StoredEncodings
from studio.networks import OwnCrew
from studio.ranking import describe_encoders
from studio.store import open_library
from tests.hub_cache import write_hub_cache
from tests.studio.films import make_film

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")

LINES = "1\n00:00:01,000 --> 00:00:02,000\nWho is it?\n"


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return write_hub_cache(tmp_path_factory.mktemp("hub"))


@pytest.fixture
def film(tmp_path):
    (tmp_path / "night.srt").write_text(LINES)
    return make_film(tmp_path / "night.mp4", seconds=4)


def make_encodings(seconds: int = 3) -> Encodings:
    random = np.random.default_rng(0)
    arrays = {name: random.normal(size=(seconds, size)) for name, size in (("frames", 5), ("audio", 4))}
    return Encodings(
        **arrays,
        transcript=np.zeros((seconds, 2)),
        present=np.array([[True, True, False]] * seconds),
        encoders=HANDLES,
    )


def test_a_film_is_encoded_where_the_setting_asks_for_it_once_and_what_was_made_goes_with_the_cut(
    settings, cache, film
):
    library = open_library(replace(settings, encoders=True, hub_cache=cache))
    cut_id = analyse_once(library, film, crew=OwnCrew(library.settings)).cut.cut_id
    made = library.find_encodings(cut_id).read()
    assert [getattr(made, name).shape for name in HANDLES] == [(4, 1280), (4, 1024), (4, 512)]
    assert made.present.T.astype(int).tolist() == [[1, 1, 1, 1], [1, 1, 1, 1], [0, 1, 0, 0]]
    assert made.audio[1, 0] == pytest.approx(0.3 / np.sqrt(2), rel=0.1)  # The film's tone, as loud as it was made.
    assert made.transcript[1].sum() == 3
    assert np.abs(np.diff(made.frames[:, :3].astype(float), axis=0)).max() > 0.05  # Its shots have other colours.
    file = settings.home / "encodings" / f"{cut_id}.npz"
    before = file.stat().st_mtime_ns
    analyse_once(library, film, crew=OwnCrew(library.settings))
    assert file.stat().st_mtime_ns == before
    library.remove_cut(cut_id)
    assert not file.exists()


def test_a_film_that_was_analysed_before_is_encoded_when_it_is_asked_for_again(settings, cache, film, library):
    analysis = analyse_once(library, film, crew=OwnCrew(library.settings))
    assert library.find_encodings(analysis.cut.cut_id).read() is None  # They are off unless they are asked for.
    wanting = open_library(replace(settings, encoders=True, hub_cache=cache))
    assert analyse_once(wanting, film, crew=OwnCrew(wanting.settings)).curves.model_id == analysis.curves.model_id
    assert wanting.find_encodings(analysis.cut.cut_id).read() is not None


def test_encoders_that_cannot_be_had_are_told_before_the_work_with_the_command_that_fetches_them(
    settings, film, tmp_path, monkeypatch
):
    address = "https://localhost:9/mobilenet"  # Nothing answers there, with a network or without.
    monkeypatch.setitem(HANDLES, "frames", address)
    library = open_library(replace(settings, encoders=True, hub_cache=tmp_path))
    stages = []
    with pytest.raises(ModelError) as raised:
        analyse_once(
            library, film, crew=OwnCrew(library.settings), report=lambda progress: stages.append(progress.stage)
        )
    assert stages == ["Opening the film"]
    assert address in raised.value.message
    assert f"TFHUB_CACHE_DIR={tmp_path}" in raised.value.hint
    assert f"tensorflow_hub.load('{address}')" in raised.value.hint
    assert library.list_cuts() == []


def test_encodings_come_back_as_they_were_kept_and_harmed_ones_are_none(settings):
    stored, made = StoredEncodings(settings, "aa"), make_encodings()
    stored.write(made)
    again = stored.read()
    for name in (*HANDLES, "present"):
        np.testing.assert_array_equal(getattr(again, name), getattr(made, name))
    assert again.encoders == made.encoders
    (settings.home / "encodings" / "aa.npz").write_bytes(b"PK harmed")
    assert stored.read() is None
    stored.discard()
    assert stored.read() is None


def test_a_ranking_says_who_judged_likeness():
    assert "encoders of picture and sound from TensorFlow Hub" in describe_encoders(make_encodings())
