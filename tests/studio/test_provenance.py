"""What today's program makes, and what something older has made."""

from dataclasses import replace

import pytest

from models.shipped import CURVE_WEIGHTS
from studio.provenance import is_old, list_old, name_makers
from tests.analyses import make_analysis


def test_an_analysis_is_old_as_soon_as_one_of_its_makers_is():
    makers = name_makers(CURVE_WEIGHTS)
    assert {"curves", "text", "shots", "evidence", "frames", "audio", "transcript"} <= set(makers)
    assert not is_old({**makers, "another": "1"}, CURVE_WEIGHTS)
    for name in makers:
        assert is_old({**makers, name: "an older one"}, CURVE_WEIGHTS)
        assert is_old({other: maker for other, maker in makers.items() if other != name}, CURVE_WEIGHTS)


@pytest.mark.parametrize("lost", [False, True])
def test_old_and_lost_analyses_are_listed(library, lost):
    library.save_analysis(replace(make_analysis(3, cut_id="aa"), provenance=name_makers(CURVE_WEIGHTS)))
    library.save_analysis(make_analysis(3, cut_id="bb"))
    if lost:
        cuts = [replace(cut, analysed=cut.id != "aa") for cut in library.list_cuts()]
        assert {cut.id for cut in list_old(cuts, CURVE_WEIGHTS)} == {"aa", "bb"}
    else:
        assert [cut.id for cut in list_old(library.list_cuts(), CURVE_WEIGHTS)] == ["bb"]
