"""What a person decides about moments: kept, honoured, and never lost to a file that cannot be read."""

from dataclasses import replace

import pytest
from sqlalchemy import create_engine, text

from pipeline.moments.candidates import SegmentWeights
from pipeline.types import SpoilerZone
from studio.choices import MomentChoices, choices_to_text, list_spoilers, text_to_choices
from studio.ranking import rank_moments
from tests.analyses import make_analysis

CHOICES = MomentChoices(
    weights=SegmentWeights(face=2.0, credits=0.0),
    spoilers=(SpoilerZone(start_s=310.0, end_s=320.5, why="„Wer“ war's?", is_hard=False),),
    template="spot15",
    most=40,
)


@pytest.mark.parametrize("choices", [CHOICES, MomentChoices(), replace(CHOICES, spoilers=())])
def test_choices_are_kept_exactly(library, choices):
    assert text_to_choices(choices_to_text(choices)) == choices
    library.save_analysis(make_analysis(cut_id="aa"))
    library.decisions.save_choices("aa", choices)
    assert library.decisions.load_choices("aa") == choices


def test_choices_outlive_a_new_analysis_and_go_with_the_cut(library):
    library.save_analysis(make_analysis(cut_id="aa"))
    library.decisions.save_choices("aa", CHOICES)
    library.save_analysis(make_analysis(cut_id="aa", seed=1))
    assert library.decisions.load_choices("aa") == CHOICES
    library.remove_cut("aa")
    library.save_analysis(make_analysis(cut_id="aa"))
    assert library.decisions.load_choices("aa") == MomentChoices()


def test_choices_about_a_cut_that_is_gone_are_dropped(library):
    library.decisions.save_choices("aa", CHOICES)
    library.save_analysis(make_analysis(cut_id="aa"))
    assert library.decisions.load_choices("aa") == MomentChoices()


@pytest.mark.parametrize(
    "damage",
    [
        "{",
        "[]",
        '{"format": 99}',
        choices_to_text(CHOICES).replace("spot15", "opera"),
        choices_to_text(CHOICES).replace('"face": 2.0', '"face": -1'),
        choices_to_text(CHOICES).replace('"face"', '"nose"'),
        choices_to_text(CHOICES).replace("310.0", "330.0"),
    ],
)
def test_damaged_choices_are_refused_and_the_library_goes_on_without_them(library, settings, damage):
    with pytest.raises(ValueError, match=r"choices|template|weight|spoiler|Expecting|format"):
        text_to_choices(damage)
    library.save_analysis(make_analysis(cut_id="aa"))
    library.decisions.save_choices("aa", CHOICES)
    engine = create_engine(settings.database)
    with engine.begin() as connection:
        connection.execute(text("UPDATE decisions SET document = :document"), {"document": damage})
    engine.dispose()
    assert library.decisions.load_choices("aa") == MomentChoices()


def test_zones_of_a_person_replace_those_of_the_program_even_by_none():
    analysis = make_analysis(1200)
    assert list_spoilers(analysis, MomentChoices())
    assert list_spoilers(analysis, CHOICES) == CHOICES.spoilers
    assert list_spoilers(analysis, MomentChoices(spoilers=())) == ()


def test_the_ranking_keeps_out_of_a_persons_zones():
    analysis = make_analysis(1200)
    first = rank_moments(analysis, MomentChoices())[0]
    zone = SpoilerZone(start_s=first.start_s, end_s=first.end_s, why="the turn")
    for segment in rank_moments(analysis, MomentChoices(spoilers=(zone,))):
        assert segment.end_s <= zone.start_s or segment.start_s >= zone.end_s
