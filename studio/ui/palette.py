"""One palette for light and dark, safe for colour-blind eyes.

It starts from Okabe and Ito's eight hues. Each was then moved until every two of the nine curves differ by at
least 20 in CIE L*a*b* for normal sight and for protanopia, deuteranopia and tritanopia, and every curve stands
out from the page by at least 3:1, which a test holds still.

Source: M. Okabe and K. Ito, "Color Universal Design", 2008; WCAG 2.2, success criterion 1.4.11.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.types import CURVES, STREAMS

CHANGE_HUES = {
    "removed": "tension",
    "added": "relief",
    "moved": "fear",
    "retimed": "sadness",
    "picture": "joy",
    "sound": "love",
}
"""Each kind of change has the hue of a curve, for those differ for every kind of sight; its name always stands beside it."""


@dataclass(frozen=True, kw_only=True)
class Palette:
    """The colours of one face, each `#RRGGBB`.

    Attributes:
        page: the page's background.
        ink: text.
        muted: labels, axes and ticks.
        line: hairlines and grids.
        curves: the colour of every curve of `CURVES`.
        streams: the colour of every stream of `STREAMS`.
    """

    page: str
    ink: str
    muted: str
    line: str
    curves: Mapping[str, str]
    streams: Mapping[str, str]

    @property
    def changes(self) -> Mapping[str, str]:
        """The colour of every kind of change."""
        return {kind: self.curves[name] for kind, name in CHANGE_HUES.items()}


LIGHT = Palette(
    page="#FAF8F4",
    ink="#1C1B1A",
    muted="#6B6760",
    line="#E3DED4",
    curves=dict(
        zip(
            CURVES,
            ("#C8500A", "#16161C", "#3C91E7", "#918E5B", "#C5559D", "#5B2A86", "#7B2806", "#0A46D0", "#06503D"),
            strict=True,
        )
    ),
    streams=dict(zip(STREAMS, ("#0072B2", "#B87700", "#7A766F"), strict=True)),
)

DARK = Palette(
    page="#131417",
    ink="#ECEAE4",
    muted="#9A9890",
    line="#2C2E33",
    curves=dict(
        zip(
            CURVES,
            ("#FF7F3A", "#F2FBFA", "#A2CBFF", "#FFEC45", "#B76789", "#9370BB", "#E23D4A", "#6A7EF5", "#4CE1A6"),
            strict=True,
        )
    ),
    streams=dict(zip(STREAMS, ("#3D9BE0", "#E69F00", "#8D9099"), strict=True)),
)
