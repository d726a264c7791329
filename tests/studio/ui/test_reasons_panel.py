"""The panel of reasons: what it says, and which way its bars go."""

import re
from dataclasses import replace

from pipeline.reasons import ToldCause, ToldWord, tell_reasons
from studio.ui.reasons_panel import write_panel
from tests.analyses import make_analysis


def test_a_cause_is_written_with_its_amount_and_a_bar_to_its_side():
    analysis = make_analysis(120, cut_id="aa")
    told = {"left": 0, "right": 0}
    for second in range(120):
        reasons = tell_reasons(analysis, curve="tension", start_s=second, end_s=second + 1)
        panel = write_panel(analysis, reasons)
        assert f"at {analysis.cut.timecode(second)}" in panel
        for cause in reasons.causes:
            side, width = re.search(r"(left|right): 50%; width: ([\d.]+)%", panel).groups()
            assert side == ("left" if cause.effect > 0 else "right")
            assert 0 < float(width) <= 50
            assert ("+0." if cause.effect > 0 else "−0.") in panel
            told[side] += 1
        assert reasons.causes or "Nothing named moved it" in panel
    assert min(told.values()) > 10


def test_words_of_a_film_are_no_markup():
    cause = ToldCause(
        cause="what is said",
        stream="transcript",
        text="what is said",
        effect=0.1,
        words=(ToldWord(word="<b>gun</b>", start_s=0, effect=0.1),),
    )
    analysis = make_analysis(3, cut_id="aa")
    reasons = replace(tell_reasons(analysis, curve="tension", start_s=0, end_s=1), causes=(cause,))
    assert "&lt;b&gt;gun" in write_panel(analysis, reasons)
