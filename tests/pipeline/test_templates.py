"""The kinds of trailer: arcs, paces and slots."""

from itertools import pairwise

import numpy as np
import pytest

from pipeline.templates import LEAST_SLOT_S, TEMPLATES, Template, choose_moment_lengths, draw_arc, plan_slots

EVERY = pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)


def test_the_lengths_are_those_of_the_trade() -> None:
    lengths = {name: template.length_s for name, template in TEMPLATES.items()}
    assert lengths == {"teaser": 60, "theatrical": 150, "theatrical120": 120, "spot30": 30, "spot15": 15, "social": 30}


@EVERY
def test_every_template_opens_cold_falls_rises_falls_silent_and_ends_on_a_button(template: Template) -> None:
    assert [part.name for part in template.parts] == [
        "cold open", "medium", "low for story", "rise", "silence", "button",
    ]  # fmt: skip
    arc = draw_arc(template, template.length_s)
    assert arc.shape == (template.length_s,)
    edges = np.cumsum([0, *(part.share for part in template.parts)]) * template.length_s
    middles = [float(arc[int((a + b) / 2)]) for a, b in pairwise(edges)]
    cold, medium, low, rise, silence, button = middles
    assert cold > medium > low < rise > silence < button
    assert arc[int(edges[4]) - 1] > 0.9


@EVERY
@pytest.mark.parametrize("share", [1.0, 0.5, 0.05])
def test_slots_cover_a_trailer_of_any_length_without_a_gap(template: Template, share: float) -> None:
    length_s = template.length_s * share
    slots = plan_slots(template, length_s)
    assert slots[0].start_s == 0
    assert slots[-1].end_s == pytest.approx(length_s)
    assert all(a.end_s == pytest.approx(b.start_s) for a, b in pairwise(slots))
    assert all(slot.length_s >= min(LEAST_SLOT_S, length_s) - 1e-9 for slot in slots)


@EVERY
def test_clips_of_the_rise_get_shorter(template: Template) -> None:
    lengths = [slot.length_s for slot in plan_slots(template, template.length_s) if slot.part.name == "rise"]
    assert len(lengths) >= 3
    assert all(a > b for a, b in pairwise(lengths))


def test_a_stretch_of_a_trailer_is_planned_like_the_whole() -> None:
    slots = plan_slots(TEMPLATES["theatrical"], 150, from_s=20.0, to_s=61.5)
    assert (slots[0].start_s, slots[-1].end_s) == (20.0, pytest.approx(61.5))
    assert {slot.part.name for slot in slots} == {"medium", "low for story"}


def test_moments_are_offered_as_long_as_the_longest_clip_and_up_to_twice_that() -> None:
    assert choose_moment_lengths(TEMPLATES["teaser"]) == (2.0, 8.0, 4.0)
    for template in TEMPLATES.values():
        shortest_s, longest_s, best_s = choose_moment_lengths(template)
        assert 2.0 <= shortest_s <= best_s < longest_s
