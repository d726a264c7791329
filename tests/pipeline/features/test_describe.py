"""What the second-by-second descriptions say of 25 Hz measurements with a known story."""

import numpy as np
import pytest

from pipeline.features import audio, frames, transcript
from pipeline.features.evidence import Evidence
from pipeline.features.extract import describe_evidence
from pipeline.features.shots import find_boundaries
from pipeline.types import GRID_HZ, Line


class WordCounts:
    """Reads a line as its number of words and of letters."""

    model_id = "counts"
    columns = ("words", "letters")

    def read_lines(self, lines) -> np.ndarray:  # type: ignore[no-untyped-def]
        return np.array([[len(line.split()), len(line)] for line in lines], np.float32).reshape(-1, 2)


def make_evidence(seconds: int, **changes: np.ndarray) -> Evidence:
    rows = seconds * GRID_HZ
    values = {
        "quadrants": np.full((rows, 4), 100, np.float32),
        "phash": np.zeros((rows, 18), np.uint8),
        "norm_diff": np.zeros(rows, np.float32),
        "rms": np.full(rows, 0.1, np.float32),
        "lrdiff": np.zeros(rows, np.float32),
        "picture_present": np.ones(rows, np.bool_),
        "sound_present": np.ones(rows, np.bool_),
        "picture_times_s": np.arange(rows) / GRID_HZ,
        **changes,
    }
    return Evidence(**values)


def column(rows: np.ndarray, names: tuple[str, ...], name: str) -> np.ndarray:
    return rows[:, names.index(name)]


def test_a_jump_of_the_hash_is_a_boundary_and_shaking_is_none() -> None:
    norm_diff = np.full(100, 0.05, np.float32)
    norm_diff[40] = 0.5
    norm_diff[70:80] = 0.4
    np.testing.assert_array_equal(find_boundaries(norm_diff, np.ones(100, bool)), [0, 40])


def test_the_first_picture_begins_the_first_shot_and_a_film_without_pictures_has_none() -> None:
    present = np.zeros(50, bool)
    assert len(find_boundaries(np.zeros(50, np.float32), present)) == 0
    present[10:] = True
    np.testing.assert_array_equal(find_boundaries(np.zeros(50, np.float32), present), [10])


def test_cuts_and_the_age_of_shots_follow_the_boundaries() -> None:
    norm_diff = np.zeros(10 * GRID_HZ, np.float32)
    norm_diff[4 * GRID_HZ + 2] = 0.6
    rows, present, boundaries = frames.describe_pictures(make_evidence(10, norm_diff=norm_diff))
    np.testing.assert_array_equal(column(rows, frames.COLUMNS, "cuts"), [0, 0, 0, 0, 1, 0, 0, 0, 0, 0])
    age = np.expm1(column(rows, frames.COLUMNS, "shot_age"))
    assert age[3] == pytest.approx(3.5, abs=0.05)
    assert age[5] == pytest.approx(1.4, abs=0.05)
    assert present.all()
    np.testing.assert_array_equal(boundaries, [0, 102])


def test_brightness_and_its_sides_are_in_units_of_white() -> None:
    quadrants = np.tile(np.float32([255, 255, 0, 0]), (50, 1))
    rows, _, _ = frames.describe_pictures(make_evidence(2, quadrants=quadrants))
    np.testing.assert_allclose(column(rows, frames.COLUMNS, "brightness"), 0.5)
    np.testing.assert_allclose(column(rows, frames.COLUMNS, "top_over_bottom"), 1)
    np.testing.assert_allclose(column(rows, frames.COLUMNS, "left_over_right"), 0)


def test_seconds_without_a_picture_are_zero_and_marked() -> None:
    present = np.ones(75, bool)
    present[25:50] = False
    rows, shown, _ = frames.describe_pictures(make_evidence(3, picture_present=present))
    np.testing.assert_array_equal(shown, [True, False, True])
    assert (rows[1] == 0).all()


def test_a_half_second_of_picture_is_averaged_over_itself_alone() -> None:
    present = np.ones(25, bool)
    present[12:] = False
    quadrants = np.full((25, 4), 51, np.float32)
    quadrants[12:] = 0
    rows, shown, _ = frames.describe_pictures(make_evidence(1, quadrants=quadrants, picture_present=present))
    assert column(rows, frames.COLUMNS, "brightness")[0] == pytest.approx(0.2)
    assert shown[0]


def test_loudness_counts_from_80_db_below_full_scale_with_the_programme_at_its_level() -> None:
    rms = np.repeat(np.float32([0, 0.1, 1.0, 1.0]), GRID_HZ)
    rows, present = audio.describe_sound(make_evidence(4, rms=rms))
    programme = 1 + audio.PROGRAM_DB / 80
    np.testing.assert_allclose(
        column(rows, audio.COLUMNS, "loudness"), [0, programme - 20 / 80, programme, programme], atol=0.002
    )
    np.testing.assert_allclose(column(rows, audio.COLUMNS, "silence"), [1, 0, 0, 0])
    assert present.all()


@pytest.mark.parametrize("gain_db", [-18, -12, 12])
def test_a_film_mastered_louder_or_softer_is_described_alike(gain_db: float) -> None:
    noise = np.random.default_rng(0)
    rms = (10 ** noise.uniform(-2.5, -0.5, 8 * GRID_HZ)).astype(np.float32)
    rms[: 2 * GRID_HZ] = 0
    changed = rms * np.float32(10 ** (gain_db / 20))
    rows, other = (audio.describe_sound(make_evidence(8, rms=level, lrdiff=level / 4))[0] for level in (rms, changed))
    np.testing.assert_allclose(rows, other, atol=1e-5)


def test_a_track_that_is_quiet_all_through_is_told_from_a_film_mastered_softly() -> None:
    quiet = audio.describe_sound(make_evidence(4, rms=np.full(100, 10 ** (-65 / 20), np.float32)))[0]
    softly = audio.describe_sound(make_evidence(4, rms=np.full(100, 10 ** (-45 / 20), np.float32)))[0]
    heard = [column(rows, audio.COLUMNS, "loudness")[0] for rows in (quiet, softly)]
    programme = 1 + audio.PROGRAM_DB / 80
    assert heard == pytest.approx([programme - 15 / 80, programme], abs=1e-5)


def test_silence_is_sound_but_an_absent_track_is_not() -> None:
    _, silent = audio.describe_sound(make_evidence(2, rms=np.zeros(50, np.float32)))
    _, absent = audio.describe_sound(make_evidence(2, sound_present=np.zeros(50, bool)))
    assert silent.all()
    assert not absent.any()


def test_bangs_are_onsets_and_the_syllable_band_hears_syllables() -> None:
    rms = np.full(10 * GRID_HZ, 0.01, np.float32)
    rms[5 * GRID_HZ : 5 * GRID_HZ + 5] = 0.5
    rows, _ = audio.describe_sound(make_evidence(10, rms=rms))
    np.testing.assert_array_equal(column(rows, audio.COLUMNS, "onsets"), [0, 0, 0, 0, 0, 1, 0, 0, 0, 0])
    syllables = 0.05 * (1.2 + np.sin(2 * np.pi * 4.5 * np.arange(10 * GRID_HZ) / GRID_HZ)).astype(np.float32)
    rows, _ = audio.describe_sound(make_evidence(10, rms=syllables))
    speech, slow = (column(rows, audio.COLUMNS, f"modulation_{band}")[2:-2] for band in ("speech", "slow"))
    assert (speech > 3 * slow).all()


def test_a_louder_left_channel_leans_left() -> None:
    rows, _ = audio.describe_sound(make_evidence(2, lrdiff=np.full(50, 0.05, np.float32)))
    np.testing.assert_allclose(column(rows, audio.COLUMNS, "side_balance"), 0.5, rtol=1e-5)


def test_a_line_is_spread_over_the_seconds_in_which_it_is_spoken() -> None:
    lines = [Line(start_s=1.5, end_s=3.0, text="You go now?")]
    rows, present = transcript.describe_lines(lines, 6, text_model=WordCounts())
    names = transcript.name_columns(WordCounts())
    np.testing.assert_allclose(column(rows, names, "speech"), [0, 0.5, 1, 0, 0, 0])
    np.testing.assert_allclose(column(rows, names, "words"), [0, 1.5, 3, 0, 0, 0])
    np.testing.assert_allclose(column(rows, names, "question"), [0, 1, 1, 0, 0, 0])
    np.testing.assert_allclose(column(rows, names, "speech_rate"), [0, 1, 2, 0, 0, 0])
    pause = np.expm1(column(rows, names, "pause_before"))
    np.testing.assert_allclose(pause, [60, 0, 0, 0.5, 1.5, 2.5], rtol=1e-5, atol=1e-5)
    until = np.expm1(column(rows, names, "pause_after"))
    np.testing.assert_allclose(until, [1, 0, 0, 60, 60, 60], rtol=1e-5, atol=1e-5)
    assert present.all()


def test_without_a_line_the_transcript_is_absent() -> None:
    rows, present = transcript.describe_lines([], 4, text_model=WordCounts())
    assert rows.shape == (4, 10)
    assert not rows.any()
    assert not present.any()


def test_lines_beyond_the_end_or_of_no_length_break_nothing() -> None:
    lines = [Line(start_s=0.5, end_s=0.5, text="Oh"), Line(start_s=3.9, end_s=9.0, text="And on and on")]
    rows, _ = transcript.describe_lines(lines, 4, text_model=WordCounts())
    assert np.isfinite(rows).all()


def test_the_three_streams_come_together_with_names_for_every_column() -> None:
    features = describe_evidence(make_evidence(7), (), text_model=WordCounts())
    assert features.seconds == 7
    np.testing.assert_array_equal(features.present, np.tile([True, True, False], (7, 1)))
    assert features.extractors["transcript"].endswith("counts")
    np.testing.assert_array_equal(features.shot_starts_s, [0.0])


def test_music_that_beats_is_steadier_than_speech_and_pulses() -> None:
    time_s = np.arange(60 * 25) / 25
    music = (0.1 * (1 + 0.3 * np.sin(2 * np.pi * 2 * time_s))).astype(np.float32)
    speech = (0.1 * (np.random.default_rng(3).random(len(time_s)) > 0.5)).astype(np.float32)
    beat, talk = (audio.describe_sound(make_evidence(60, rms=rms))[0] for rms in (music, speech))
    assert column(beat, audio.COLUMNS, "pulse")[5:-5].min() > 0.8 > column(talk, audio.COLUMNS, "pulse")[5:-5].max()
    assert column(beat, audio.COLUMNS, "unsteadiness").max() < 0.3 < column(talk, audio.COLUMNS, "unsteadiness").min()
    assert column(beat, audio.COLUMNS, "floor_around").min() > column(talk, audio.COLUMNS, "floor_around").max()


def test_a_loud_minute_in_a_quiet_film_swells_and_the_quiet_beside_it_sinks() -> None:
    rms = np.full(300 * 25, 0.01, np.float32)
    rms[120 * 25 : 180 * 25] = 0.2
    swell = column(audio.describe_sound(make_evidence(300, rms=rms))[0], audio.COLUMNS, "swell")
    assert swell[150] > 0.1
    assert swell[100] < -0.01


def test_the_darker_the_picture_the_greater_its_darkness() -> None:
    dim, dark = (
        column(
            frames.describe_pictures(make_evidence(1, quadrants=np.full((25, 4), v, np.float32)))[0],
            frames.COLUMNS,
            "darkness",
        )[0]
        for v in (80, 20)
    )
    assert dark > dim > 0


def test_words_of_harm_are_counted_a_second() -> None:
    lines = [
        Line(start_s=1, end_s=3, text="He died. They SHOT him, and shots do not count."),
        Line(start_s=5, end_s=6, text="Hello."),
    ]
    rows, _ = transcript.describe_lines(lines, 8, text_model=WordCounts())
    harm = column(rows, transcript.name_columns(WordCounts()), "harm")
    np.testing.assert_allclose(harm, [0, 1, 1, 0, 0, 0, 0, 0])
