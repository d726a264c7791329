"""What a person has decided about the moments of a cut: kept beside its analysis, honoured wherever moments are chosen."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from pipeline.moments.candidates import RankOptions, SegmentWeights
from pipeline.segments import choose_lengths
from pipeline.spoilers import place_spoilers
from pipeline.templates import TEMPLATES
from pipeline.types import Analysis, SpoilerZone

FORMAT = 1
"""Counts up whenever the text or what it describes changes its meaning."""


@dataclass(frozen=True, kw_only=True)
class MomentChoices:
    """What a person wants of the moments of one cut.

    Attributes:
        weights: how much each part of a score counts.
        spoilers: the zones that replace those placed by the program; None to leave it to the program.
        template: the kind of trailer whose lengths are wanted, one of `TEMPLATES`; None for any length.
        most: how many moments are wanted.
    """

    weights: SegmentWeights = field(default_factory=SegmentWeights)
    spoilers: tuple[SpoilerZone, ...] | None = None
    template: str | None = None
    most: int = 20

    @property
    def options(self) -> RankOptions:
        """The lengths and the number of moments."""
        return RankOptions(most=self.most) if self.template is None else choose_lengths(self.template, most=self.most)


def list_spoilers(analysis: Analysis, choices: MomentChoices) -> tuple[SpoilerZone, ...]:
    """Return the spoiler zones of a cut: a person's own, or else those that the program places.

    Args:
        analysis: what is known of the cut.
        choices: what the person has decided.
    """
    if choices.spoilers is not None:
        return choices.spoilers
    return place_spoilers(analysis.features, analysis.curves, duration_s=float(analysis.cut.duration_s))


def choices_to_text(choices: MomentChoices) -> str:
    """Write choices as JSON, the same text for equal choices."""
    return json.dumps({"format": FORMAT, **asdict(choices)}, sort_keys=True)


def text_to_choices(text: str) -> MomentChoices:
    """Read what `choices_to_text` wrote.

    Raises:
        ValueError: the text is damaged or of another format.
    """
    try:
        document: dict[str, Any] = json.loads(text)
        if document.pop("format") != FORMAT:
            raise ValueError("the choices are of another format")
        zones = document.pop("spoilers")
        choices = MomentChoices(
            weights=SegmentWeights(**document.pop("weights")),
            spoilers=None if zones is None else tuple(SpoilerZone(**zone) for zone in zones),
            **document,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the choices cannot be read: {error}") from error
    if choices.template is not None and choices.template not in TEMPLATES:
        raise ValueError(f"there is no template {choices.template!r}")
    return choices
