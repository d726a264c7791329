"""Flat stretches, peaks, build-ups and releases of one curve."""

import numpy as np

from pipeline.passages import PassageOptions, find_passages, measure_spread


def hill(seconds=200, at=100, width=15.0):
    t = np.arange(seconds)
    return (0.2 + 0.5 * np.exp(-(((t - at) / width) ** 2))).astype(np.float32)


def of_kind(passages, kind):
    return [passage for passage in passages if passage.kind == kind]


def test_a_hill_builds_up_peaks_and_lets_go():
    passages = find_passages(hill())
    (peak,) = of_kind(passages, "peak")
    (rise,) = of_kind(passages, "build-up")
    (fall,) = of_kind(passages, "release")
    assert abs(peak.start_s - 100) <= 1
    assert rise.end_s == peak.start_s == fall.start_s
    assert abs(rise.level - fall.level) < 0.02


def test_what_does_not_move_is_flat_for_as_long_as_it_does_not():
    flats = of_kind(find_passages(hill()), "flat")
    assert [flat.length_s >= 30 for flat in flats] == [True, True]
    assert flats[0].start_s == 0
    assert 60 < flats[0].end_s < 100 < flats[1].start_s < 140


def test_a_wobble_is_no_peak():
    wobbling = hill() + 0.03 * np.sin(np.arange(200)).astype(np.float32)
    assert len(of_kind(find_passages(wobbling), "peak")) == 1


def test_thresholds_move_what_counts():
    assert not of_kind(find_passages(hill(), PassageOptions(flat_s=90)), "flat")
    assert not of_kind(find_passages(hill(), PassageOptions(spread=5.0)), "peak")


def test_a_curve_of_nothing_has_no_passages_and_a_constant_one_no_turns():
    assert find_passages(np.zeros(0, np.float32)) == ()
    constant = find_passages(np.full(100, 0.5, np.float32))
    assert [passage.kind for passage in constant] == ["flat"]
    assert measure_spread(np.full(100, 0.5, np.float32)) == 0
