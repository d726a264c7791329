"""Drafts of a cut's measurements: key frames first, and chunks that have been read in full in their place."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from pipeline.features.evidence import Evidence, PictureEvidence, SoundEvidence, join_evidence
from pipeline.types import GRID_HZ, Bools

PUBLISH_SHARE = 0.1
"""A draft is published again whenever this share of the film has been read since the last time."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Measurements of which a part rests on key frames alone.

    Attributes:
        evidence: of the whole cut.
        draft: (T,) bool, the seconds whose picture was measured from key frames.
    """

    evidence: Evidence
    draft: Bools


class Drafts:
    """Puts what has been read in full over the key frames, and publishes what that gives: at once, and now and then.

    Args:
        publish: called with each draft.
        key_frames: measurements from key frames of the whole picture.
        sound: the sound, which is final.
    """

    def __init__(self, publish: Callable[[Draft], None], key_frames: PictureEvidence, sound: SoundEvidence) -> None:
        self._publish_draft, self._sound = publish, sound
        self._parts = [key_frames]
        self._rough = np.ones(len(sound.present), np.bool_)
        self._publish()

    def take_parts(self, *parts: PictureEvidence) -> None:
        """Take chunks that have been read in full."""
        for part in parts:
            self._parts.append(part)
            self._rough[part.first_row : part.first_row + len(part.present)] = False
        rest = int(self._rough.sum())
        if rest and self._published_rest - rest >= PUBLISH_SHARE * len(self._rough):
            self._publish()

    def end(self) -> None:
        """Publish no more: all has been read."""

    def _publish(self) -> None:
        """Publish what there is."""
        self._published_rest = int(self._rough.sum())
        draft = np.asarray(self._rough.reshape(-1, GRID_HZ).any(axis=1))
        self._publish_draft(Draft(evidence=join_evidence(self._parts, self._sound), draft=draft))


class DraftsBeside:
    """Makes drafts beside the reading instead of before it and in between: others read on meanwhile.

    Args:
        begin: reads what drafts begin with, and publishes the first.
        pool: where a thread is free for it.
    """

    def __init__(self, begin: Callable[[], Drafts], pool: Executor) -> None:
        self._begin = begin
        self._waiting: deque[PictureEvidence] = deque()
        self._news, self._has_ended = threading.Event(), threading.Event()
        self._work = pool.submit(self._run)

    def take_parts(self, *parts: PictureEvidence) -> None:
        """Take chunks that have been read in full; whatever went wrong with a draft is raised here."""
        if self._work.done():
            self._work.result()
        self._waiting.extend(parts)
        self._news.set()

    def end(self) -> None:
        """Publish no more, and wait until nothing is being published."""
        self.stop()
        self._work.result()

    def stop(self) -> None:
        """Publish no more, whatever becomes of what is being published."""
        self._has_ended.set()
        self._news.set()

    def _run(self) -> None:
        """Make drafts until all has been read."""
        drafts = self._begin()
        while True:
            self._news.wait()
            self._news.clear()
            if self._has_ended.is_set():
                return
            drafts.take_parts(*[self._waiting.popleft() for _ in range(len(self._waiting))])
