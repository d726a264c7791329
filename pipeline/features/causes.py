"""What people call the measurements: each column of each stream belongs to one cause, which has words for more and less of it.

A column that no table names fails a test, so a new measurement cannot be left out of the reasons.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.features.frames import TEXTURE_BLOCKS
from pipeline.features.transcript import TIMING_COLUMNS


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Measurements that people have one name for.

    Attributes:
        name: what people call it, whatever way it goes.
        stream: one of `STREAMS`.
        columns: each column of it, with 1 where a higher value is more of it, -1 where it is less, and 0 where it
            says neither.
        more: what people say where there is more of it than the film usually has.
        less: what they say where there is less.
    """

    name: str
    stream: str
    columns: Mapping[str, int]
    more: str
    less: str


_BLOCKS = tuple(f"{row}{column}" for row in range(TEXTURE_BLOCKS) for column in range(TEXTURE_BLOCKS))

CAUSES = (
    Cause(
        name="brightness", stream="frames", columns={"brightness": 1, "darkness": -1}, more="brighter", less="darker"
    ),
    Cause(
        name="where the light is",
        stream="frames",
        columns={"top_over_bottom": 1, "left_over_right": 0, "side_contrast": 0},
        more="light from above",
        less="light from below",
    ),
    Cause(
        name="flicker",
        stream="frames",
        columns={"brightness_spread": 1, "brightness_change": 1, "brightness_jump": 1},
        more="light that changes more",
        less="steadier light",
    ),
    Cause(
        name="movement",
        stream="frames",
        columns={
            "picture_change": 1,
            "picture_change_peak": 1,
            "stillness": -1,
            "shot_drift": 1,
            **{f"motion_{block}": 1 for block in _BLOCKS},
        },
        more="more movement",
        less="less movement",
    ),
    Cause(
        name="cutting",
        stream="frames",
        columns={"cuts": 1, "shot_age": -1, "shot_length": -1, "shot_length_around": -1},
        more="faster cutting",
        less="slower cutting",
    ),
    Cause(
        name="pictures that return",
        stream="frames",
        columns={"returns": 1, "recurrence": -1},
        more="pictures that return",
        less="ever new pictures",
    ),
    Cause(
        name="shapes in the picture",
        stream="frames",
        columns={f"texture_{block}": 0 for block in _BLOCKS},
        more="other shapes in the picture",
        less="other shapes in the picture",
    ),
    Cause(
        name="loudness",
        stream="audio",
        columns={
            "loudness": 1,
            "loudness_peak": 1,
            "loudness_floor": 1,
            "silence": -1,
            "floor_around": 1,
            "swell": 1,
        },
        more="louder",
        less="quieter",
    ),
    Cause(
        name="sudden sounds",
        stream="audio",
        columns={
            "loudness_spread": 1,
            "loudness_change": 0,
            "onsets": 1,
            "modulation_slow": 1,
            "modulation_speech": 1,
            "modulation_rough": 1,
            "unsteadiness": 1,
        },
        more="sound that swells and strikes",
        less="steadier sound",
    ),
    Cause(
        name="the beat of the sound",
        stream="audio",
        columns={"pulse": 1},
        more="a beat in the sound",
        less="sound without a beat",
    ),
    Cause(
        name="width of the sound",
        stream="audio",
        columns={"side_balance": 0, "stereo_width": 1},
        more="wider sound",
        less="narrower sound",
    ),
    Cause(
        name="talk",
        stream="transcript",
        columns={"speech": 1, "speech_rate": 1, "line_words": 1, "pause_before": -1, "pause_after": -1},
        more="more talk",
        less="less talk",
    ),
    Cause(
        name="questions and exclamations",
        stream="transcript",
        columns={"question": 1, "exclamation": 1},
        more="questions and exclamations",
        less="plain statements",
    ),
    Cause(
        name="words of harm",
        stream="transcript",
        columns={"harm": 1},
        more="words of death, danger and loss",
        less="fewer words of death, danger and loss",
    ),
)
"""The causes of all columns that have names of their own. The text model's are `WORDS`."""

WORDS = "what is said"
"""The cause that holds whatever the text model says of the lines."""


def find_causes(columns: Mapping[str, tuple[str, ...]]) -> tuple[Cause, ...]:
    """Find the causes of a film's columns.

    Args:
        columns: for each stream the names of its columns.

    Returns:
        Every cause that has a column there, with only these columns.
    """
    named = {(cause.stream, column) for cause in CAUSES for column in cause.columns}
    affect = [c for c in columns["transcript"] if ("transcript", c) not in named and c not in TIMING_COLUMNS]
    words = Cause(name=WORDS, stream="transcript", columns=dict.fromkeys(affect, 0), more=WORDS, less=WORDS)
    found = []
    for cause in (*CAUSES, words):
        here = {column: way for column, way in cause.columns.items() if column in columns[cause.stream]}
        if here:
            found.append(Cause(name=cause.name, stream=cause.stream, columns=here, more=cause.more, less=cause.less))
    return tuple(found)
