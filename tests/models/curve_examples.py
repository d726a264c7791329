"""A small rated film in which the ratings can be learned: tension follows a column of the sound."""

import itertools

import numpy as np

from models.band import BandFit
from models.examples import CurveExamples
from models.spec import STREAMS, CurveSpec

COLUMNS = {
    "frames": ("brightness", "cuts"),
    "audio": ("loudness", "onsets", "silence"),
    "transcript": ("speech", "harm"),
}
CURVES = ("tension", "valence")
BAND = BandFit(
    lowest=np.float32([0, -1]),
    floor=np.float32([0.1, 0.2]),
    slope=np.float32([0.3, 0]),
    spread=np.float32([1, 2]),
    least=np.float32([0.01, 0.01]),
    factor=np.float32([1.5, 1.0]),
)


def make_examples(*, seconds: int = 400, blocks: int = 4, seed: int = 0) -> CurveExamples:
    """Make a film of `blocks` equal blocks, all rated; tension is a smoothed copy of loudness, valence of speech."""
    random = np.random.default_rng(seed)
    streams = {}
    for name in STREAMS:
        noise = random.normal(size=(seconds + 4, len(COLUMNS[name])))
        smooth = np.stack([np.convolve(column, np.full(5, 0.6), mode="valid") for column in noise.T], axis=1)
        streams[name] = smooth.astype(np.float32)
    tension = 1 / (1 + np.exp(-streams["audio"][:, 0]))
    valence = np.tanh(streams["transcript"][:, 0])
    edges = np.linspace(0, seconds, blocks + 1).astype(int).tolist()
    return CurveExamples(
        streams=streams,
        present=np.ones((seconds, 3), np.float32),
        ratings=np.stack([tension, valence], axis=1).astype(np.float32),
        columns=COLUMNS,
        curves=CURVES,
        blocks=tuple(itertools.pairwise(edges)),
    )


def make_spec(film: CurveExamples) -> CurveSpec:
    """Say what a model trained on such a film expects."""
    return CurveSpec(
        columns={name: list(film.columns[name]) for name in STREAMS},
        curves=list(CURVES),
        reference_mean={name: film.streams[name].mean(axis=0).tolist() for name in STREAMS},
        reference_deviation={name: film.streams[name].std(axis=0).tolist() for name in STREAMS},
        domain_mean={name: [0.0] * len(film.columns[name]) for name in STREAMS},
        domain_deviation={name: [1.0] * len(film.columns[name]) for name in STREAMS},
        domain_limit=dict.fromkeys(STREAMS, 1.5),
        **BAND.to_table(),
    )
