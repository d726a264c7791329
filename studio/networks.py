"""The shipped networks: whoever imports this may load Keras, which takes seconds and hundreds of megabytes."""

import functools
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from models.shipped import CURVE_WEIGHTS
from pipeline.analyse import Models, conclude_analysis
from pipeline.chunks import OwnThreads
from pipeline.curves import CurveModel
from pipeline.encodings import Encodings
from pipeline.features.evidence import Evidence
from pipeline.features.shots import ShotModel
from pipeline.features.transcript import TextModel
from pipeline.footage import Playback, Streams
from pipeline.live import LiveModel
from pipeline.streams.playback import judge_playback
from pipeline.streams.read import open_streams
from pipeline.types import Analysis, Bools, Cut, Progress, Report
from studio.analysing import LOADING, probe_file
from studio.encoding import encode_here, find_encoders
from studio.provenance import refuse_models
from studio.settings import Settings

_loading = threading.Lock()
"""Two tasks of one process that want the networks at once wait for one that loads them."""


class OwnCrew(OwnThreads):
    """Does all the work of an analysis in this process.

    Args:
        settings: this machine's settings.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.decoders or 0)
        self._settings = settings

    def name_encoders(self) -> dict[str, str]:
        """As `Crew`."""
        return dict(find_encoders(self._settings).names)

    def prepare(self, report: Report) -> None:
        """As `Crew`: without networks there is no need to read a film."""
        report(Progress(stage=LOADING, done=0.0, position_s=0.0))
        load_models(self._settings.curves)

    def probe(
        self,
        path: Path,
        *,
        title: str | None = None,
        transcript: Path | None = None,
        start_timecode: str | None = None,
        report: Report,
    ) -> Cut:
        """As `Crew`."""
        return probe_file(path, title=title, transcript=transcript, start_timecode=start_timecode, report=report)

    def judge_playback(self, path: Path) -> Playback:
        """As `Crew`."""
        return judge_playback(path)

    def open_streams(self, cut: Cut) -> Streams:
        """As `Crew`."""
        return open_streams(cut)

    def conclude(self, streams: Streams, evidence: Evidence, *, draft: Bools | None, report: Report) -> Analysis:
        """As `Conclude`."""
        return conclude_here(streams, evidence, draft=draft, report=report, curves=self._settings.curves)

    def encode(self, analysis: Analysis, stills: Sequence[tuple[int, bytes]], report: Report) -> Encodings:
        """As `Crew`."""
        return encode_here(analysis, stills, settings=self._settings, report=report)


def conclude_here(
    streams: Streams, evidence: Evidence, *, draft: Bools | None, report: Report, curves: Path
) -> Analysis:
    """Make an analysis of measurements with the networks, as `Conclude`; the weights of the curves are chosen."""
    text, curve_model, shots = load_models(curves)
    models = Models(text=text, curves=curve_model, shots=shots)
    return conclude_analysis(streams, evidence, draft=draft, report=report, models=models)


def load_models(curves: Path = CURVE_WEIGHTS) -> tuple[TextModel, CurveModel, ShotModel]:
    """Load the models, once a process: it takes seconds and hundreds of megabytes.

    Args:
        curves: the weights of the curves; the others are those that ship.

    Raises:
        ModelError: they cannot be loaded.
    """
    with _loading:
        return _load_models(curves)


@functools.cache
def _load_models(curves: Path) -> tuple[TextModel, CurveModel, ShotModel]:
    """Load the models."""
    try:
        with _hush_tensorflow():
            from models.checkpoint import load_curve_model
            from models.shot_net import load_shot_model
            from models.text_net import load_text_model

            return load_text_model(), load_curve_model(curves), load_shot_model()
    except (OSError, ValueError) as error:
        raise refuse_models(error) from error


def load_live_models() -> tuple[TextModel, LiveModel]:
    """Load what follows a growing film, once a process; these curves have weights of their own.

    Raises:
        ModelError: they cannot be loaded.
    """
    with _loading:
        return _load_live_models()


@functools.cache
def _load_live_models() -> tuple[TextModel, LiveModel]:
    """Load the models."""
    try:
        with _hush_tensorflow():
            from models.live import load_live_model
            from models.text_net import load_text_model

            return load_text_model(), load_live_model()
    except (OSError, ValueError) as error:
        raise refuse_models(error) from error


@contextmanager
def _hush_tensorflow() -> Iterator[None]:
    """Keep TensorFlow's start-up log off standard error, unless its own variable says what is wanted.

    It writes to the file descriptor before it reads its settings, and so would tear the line of progress apart.
    """
    if "TF_CPP_MIN_LOG_LEVEL" in os.environ:
        yield
        return
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
    sys.stderr.flush()
    visible = os.dup(2)
    hidden = os.open(os.devnull, os.O_WRONLY)
    os.dup2(hidden, 2)
    try:
        yield
    finally:
        os.dup2(visible, 2)
        os.close(visible)
        os.close(hidden)
