"""Whole films through the shipped models: what is there counts, what is absent is said, nothing is half done."""

import re
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from pipeline.curves import CurveModel, predict_curves
from pipeline.errors import Cancelled, FilmError, MediaError, TranscriptError
from pipeline.export.tables import render_curves_csv
from pipeline.streams.probe import probe_cut
from pipeline.types import CURVE_RANGE, STREAMS, Analysis, Features, Progress
from studio.settings import read_settings
from studio.store import open_library
from tests.films import lose_pictures, make_tone, paint_shots, truncate_film, write_film
from tests.reading import analyse_film

ASSETS = Path(__file__).parents[2] / "assets"
RUSSIAN = [
    (0.5, 2.0, "Беги отсюда, он идёт за нами, беги скорее!"),
    (3.0, 4.0, "Мне так страшно, я не могу больше идти."),
]
LINES = [(0.5, 2.0, "Run! He is coming, run!"), (3.0, 4.0, "I am so afraid.")]


def check_curves(analysis: Analysis) -> None:
    curves = analysis.curves
    assert len(curves.values) == analysis.cut.seconds == len(analysis.features.present)
    assert (curves.low <= curves.values).all()
    assert (curves.values <= curves.high).all()
    for name in curves.names:
        bottom, top = CURVE_RANGE[name]
        assert ((curves.curve(name) >= bottom) & (curves.curve(name) <= top)).all()
    here = analysis.features.present.any(axis=1)
    np.testing.assert_allclose(curves.shares.sum(axis=-1)[here], 1, atol=1e-4)
    absent = ~analysis.features.present.any(axis=0)
    assert (curves.shares[..., absent] == 0).all()


FILMS = {
    "all three": ({"pictures": 5, "sound": 5, "lines": LINES}, (True, True, True), []),
    "another language": ({"pictures": 5, "sound": 5, "lines": RUSSIAN}, (True, True, True), ["not read as English"]),
    "no transcript": ({"pictures": 5, "sound": 5}, (True, True, False), ["no words"]),
    "no sound": ({"pictures": 5}, (True, False, False), ["no sound", "no words"]),
    "sound alone": ({"sound": 5}, (False, True, False), ["no picture", "no words"]),
}


@pytest.mark.parametrize("name", FILMS)
def test_whatever_streams_there_are_give_curves_and_the_absent_ones_are_named(tmp_path: Path, name: str) -> None:
    asked, present, notes = FILMS[name]
    pictures = paint_shots(asked["pictures"]) if "pictures" in asked else None
    sound = make_tone(asked["sound"]) if "sound" in asked else None
    film = write_film(tmp_path / "a film.mp4", pictures=pictures, sound=sound, lines=asked.get("lines"))
    analysis = analyse_film(film)
    check_curves(analysis)
    assert tuple(analysis.features.present.any(axis=0)) == present
    assert len(analysis.notes) == len(notes)
    for note, words in zip(analysis.notes, notes, strict=True):
        assert words in note


def test_what_is_missing_in_the_middle_is_told_with_its_place(tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mkv", pictures=paint_shots(6), sound=make_tone(6))
    lose_pictures(film, first_s=2, last_s=4)
    note = next(note for note in analyse_film(film).notes if "picture" in note)
    assert re.search(r"missing or damaged in \d of \d seconds \(0:00:0[23] to 0:00:0[45]", note)


def test_sound_that_is_not_heard_is_told(tmp_path: Path) -> None:
    path = tmp_path / "split.mov"
    with av.open(str(path), "w") as container:
        for stream in [container.add_stream("pcm_s16le", rate=48_000, layout="mono") for _ in range(2)]:
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 48_000), np.int16), format="s16", layout="mono")
            frame.sample_rate = 48_000
            for packet in [*stream.encode(frame), *stream.encode(None)]:
                container.mux(packet)
    assert "2 sound tracks, of which one" in analyse_film(path).notes[0]


def test_one_frame_is_one_second_of_curves(tmp_path: Path) -> None:
    analysis = analyse_film(write_film(tmp_path / "one.mp4", pictures=paint_shots(0.04)))
    check_curves(analysis)
    assert analysis.cut.seconds == 1
    assert len(analysis.segments) == 1


def test_a_name_with_spaces_quotes_and_other_scripts_is_a_name(tmp_path: Path) -> None:
    film = write_film(tmp_path / 'l\'été "final" 最終版 v2.mp4', pictures=paint_shots(1))
    assert analyse_film(film).cut.title == 'l\'été "final" 最終版 v2'


def make_bad_files(folder: Path) -> Iterator[tuple[Path, Path | None, type[FilmError]]]:
    good = write_film(folder / "good.mp4", pictures=paint_shots(2), sound=make_tone(2))
    empty, text, words = folder / "empty.mp4", folder / "text.mp4", folder / "bad.srt"
    empty.write_bytes(b"")
    text.write_text("This is not a film.\n" * 100)
    words.write_text("no times, no numbers, no subtitles")
    yield empty, None, MediaError
    yield text, None, MediaError
    yield truncate_film(good, 0.5), None, MediaError
    yield folder / "missing.mp4", None, MediaError
    yield folder, None, MediaError
    yield write_film(folder / "good2.mp4", pictures=paint_shots(2)), words, TranscriptError


def test_what_cannot_be_analysed_says_what_to_do_and_leaves_the_library_empty(tmp_path: Path) -> None:
    library = open_library(read_settings({"THROUGHLINE_HOME": str(tmp_path / "home")}))
    for path, transcript, kind in make_bad_files(tmp_path):
        with pytest.raises(kind) as error:
            library.save_analysis(analyse_film(path, transcript=transcript))
        assert error.value.hint.endswith(".")
        assert "Traceback" not in str(error.value)
    assert library.list_cuts() == []
    library.close()


def test_progress_never_falls_and_a_cancelled_analysis_stops(tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", pictures=paint_shots(4), sound=make_tone(4))
    seen: list[Progress] = []
    analyse_film(film, report=seen.append)
    shares = [progress.done for progress in seen]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)

    def stop_halfway(progress: Progress) -> None:
        if progress.done > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        analyse_film(film, report=stop_halfway)


def test_the_demo_s_curves_follow_the_story_it_tells(demo: Analysis) -> None:
    import json

    check_curves(demo)
    assert demo.cut.seconds == 90
    assert demo.features.present.all()
    authored = np.array(json.loads((ASSETS / "demo.json").read_text())["tension"])
    assert np.corrcoef(demo.curves.curve("tension"), authored)[0, 1] > 0.7


def test_the_demo_s_hard_cuts_are_found(demo: Analysis) -> None:
    import json

    shots = json.loads((ASSETS / "demo.json").read_text())["shots"]
    hard = np.array([shot["start_s"] for shot in shots if shot["begins"] in ("film", "hard")])
    found = demo.features.shot_starts_s
    recall = (np.abs(hard[:, None] - found[None]).min(axis=1) < 0.06).mean()
    precision = (np.abs(hard[:, None] - found[None]).min(axis=0) < 0.06).mean()
    assert recall >= 0.9
    assert precision >= 0.9


def test_two_analyses_of_one_film_are_the_same_to_the_byte(demo: Analysis) -> None:
    assert render_curves_csv(analyse_film(ASSETS / "demo.mp4")) == render_curves_csv(demo)


def test_the_models_are_an_argument_and_their_ids_are_kept(demo: Analysis) -> None:
    assert demo.provenance["curves"].startswith("curve_net-")
    assert demo.provenance["text"].startswith("text_net-")
    assert set(STREAMS) <= set(demo.provenance)
    assert probe_cut(ASSETS / "demo.mp4").cut_id == demo.cut.cut_id


@pytest.fixture(scope="module")
def model() -> CurveModel:
    from models.checkpoint import load_curve_model

    return load_curve_model()


@pytest.mark.parametrize("seconds", [1, 2, 639, 641, 4 * 3600])
def test_the_shipped_network_draws_films_of_any_length(model: CurveModel, seconds: int) -> None:
    random = np.random.default_rng(seconds)
    rows = {name: random.normal(*model.reference[name], (seconds, len(model.columns[name]))) for name in STREAMS}
    features = Features(
        **rows,
        present=np.ones((seconds, 3)),
        shot_starts_s=np.zeros(1),
        columns=model.columns,
        extractors={},
        draft=np.zeros(seconds, np.bool_),
    )
    curves = predict_curves(features, model=model)
    assert curves.values.shape == (seconds, len(model.curves))
    assert ((curves.low <= curves.values) & (curves.values <= curves.high)).all()
    np.testing.assert_allclose(curves.shares.sum(axis=-1), 1, atol=1e-4)
