"""CMU-MOSI with the network of this program: is what a person says of a film, an utterance of a video, praise?

    python -m benchmarks.mosi                     # whole videos left out, features that know nothing of their labels
    python -m benchmarks.mosi --test videos.npz   # trains on every video at hand, scores videos kept elsewhere

The very `CurveNet` that draws curves, given other widths: an utterance stands where a second of a film stands, a video where a
film does. Beside the released features stands what the shipped `text_net`, which has never seen these videos, reads in the raw
transcripts. The data are for research use only: nothing trained here is kept or shipped.

Beware. The released text and picture features were fitted on the labels of these very videos, so a video left out here is not
unseen by them: the scores of the rows marked so mean nothing. The recipe below was written down before any row was scored on
any video, and is not tuned.

Source: Zadeh et al., "MOSI: Multimodal Corpus of Sentiment Intensity", 2016; features and split of Poria et al.,
"Context-dependent sentiment analysis in user-generated videos", ACL 2017, whose own figure is .803.
"""

import argparse
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from models.examples import CurveExamples
from models.spec import STREAMS, CurveTraining
from models.text_examples import HEADS
from models.text_net import BATCH, load_text_model, read_inputs
from models.train_curves import predict_span, train_curve_net

Floats = npt.NDArray[np.float32]

Spans = Sequence[tuple[int, int]]
Predict = Callable[[Spans, Spans], Floats]
"""Trains on the first videos and answers for the second."""

RECIPE = CurveTraining(
    steps=150, crop_s=63, batch=16, learning_rate=0.005, context_s=(), encoder_units=24, recurrent_units=24,
    dropout=0.4, stream_dropout=0.2,
)  # fmt: skip
"""Fixed before any score was seen; the longest video has 63 utterances."""

SEEDS = (0, 1, 2)
"""Networks that are averaged."""

FOLDS = 5
PAPER = 0.803
"""Accuracy of the three streams together in Poria et al. 2017."""

UTTERANCE_COLUMN = "praise"


@dataclass(frozen=True, kw_only=True)
class Videos:
    """Utterances of several videos, those of one video together and in order.

    Attributes:
        features: by name (N, D): `text`, `audio`, `video` as released, `clean` as `text_net` reads the transcripts.
        labels: (N,) 1 for praise, 0 for blame.
        spans: for each video its first and last utterance (exclusive).
    """

    features: Mapping[str, Floats]
    labels: npt.NDArray[np.int8]
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of the table: which features each stream is made of; a stream without any is absent."""

    name: str
    transcript: tuple[str, ...] = ()
    audio: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()

    @property
    def knows_labels(self) -> bool:
        """Whether one of its features was fitted on the labels of the training videos."""
        return bool({"text", "video"} & {*self.transcript, *self.frames})


ROWS = (
    Row(name="text (text_net)", transcript=("clean",)),
    Row(name="sound", audio=("audio",)),
    Row(name="text (text_net), sound", transcript=("clean",), audio=("audio",)),
    Row(name="text", transcript=("text",)),
    Row(name="picture", frames=("video",)),
    Row(name="all three", transcript=("text",), audio=("audio",), frames=("video",)),
    Row(name="all three, text_net in place", transcript=("clean",), audio=("audio",), frames=("video",)),
    Row(name="all three, text_net added", transcript=("text", "clean"), audio=("audio",), frames=("video",)),
)


def main() -> None:
    """Print accuracy row by row."""
    parser = argparse.ArgumentParser(description="CMU-MOSI with the network of this program.")
    parser.add_argument("--test", metavar="NPZ", type=Path, help="videos kept elsewhere, in the form of mosi_train.npz")
    options = parser.parse_args()
    train = read_videos(Path(os.environ["THROUGHLINE_DATA"]) / "mosi" / "mosi_train.npz")
    if options.test is not None:
        print_test(train, read_videos(options.test))
    else:
        print_folds(train)


def print_folds(videos: Videos) -> None:
    """Print accuracy on whole videos left out in turn; rows whose features know the labels are not even trained."""
    print(
        f"accuracy, {len(videos.spans)} videos, {len(videos.labels)} utterances, a fifth of the videos left out in turn"
    )
    print(f"{'always the commoner answer':38}{max(videos.labels.mean(), 1 - videos.labels.mean()):.3f}")
    linear = score_folds(videos, partial(predict_linear, videos))
    print(f"{'text (text_net), logistic regression':38}{linear:.3f}")
    for row in ROWS:
        if row.knows_labels:
            print(f"{row.name:38}  -    means nothing here: its features were fitted on these labels; see --test")
            continue
        examples = make_examples(videos, row)
        accuracy = score_folds(videos, partial(predict_videos, examples))
        print(f"{row.name:38}{accuracy:.3f}", flush=True)
    print(f"{'Poria et al. 2017, all three':38}{PAPER:.3f}  on the 31 test videos, so beside this table only loosely")


def print_test(train: Videos, test: Videos) -> None:
    """Print accuracy on videos kept elsewhere, by networks trained on every video at hand."""
    both = join_videos(train, test)
    known, kept = both.spans[: len(train.spans)], both.spans[len(train.spans) :]
    print(f"accuracy, {len(kept)} videos kept elsewhere, {len(test.labels)} utterances")
    print(f"{'always the commoner answer':38}{max(test.labels.mean(), 1 - test.labels.mean()):.3f}")
    for row in ROWS:
        said = predict_videos(make_examples(both, row), known, kept)
        print(f"{row.name:38}{np.mean((said >= 0.5) == (test.labels == 1)):.3f}", flush=True)
    print(f"{'Poria et al. 2017, all three':38}{PAPER:.3f}")


def read_videos(path: Path) -> Videos:
    """Read utterances in the form of `mosi_train.npz`, and the transcripts with the shipped text network."""
    with np.load(path, allow_pickle=False) as stored:
        order = np.lexsort((stored["utterance"], stored["video_id"]))
        names = stored["video_id"][order]
        features = {name: stored[name][order].astype(np.float32) for name in ("text", "audio", "video")}
        features["clean"] = read_transcripts([str(line) for line in stored["transcript"][order]])
        labels = stored["label"][order].astype(np.int8)
    starts = [0, *(np.flatnonzero(names[1:] != names[:-1]) + 1).tolist(), len(names)]
    return Videos(features=features, labels=labels, spans=tuple(pairwise(starts)))


def read_transcripts(lines: Sequence[str]) -> Floats:
    """All that `text_net` says of N lines, the 28 emotions of comments among it: (N, 40)."""
    network = load_text_model().network
    outputs = network.predict(read_inputs(network, lines), batch_size=BATCH, verbose=0)
    return np.concatenate([outputs[head] for head in HEADS], axis=1, dtype=np.float32)


def join_videos(first: Videos, second: Videos) -> Videos:
    """The videos of both, the first's before the second's."""
    shift = len(first.labels)
    return Videos(
        features={name: np.concatenate([values, second.features[name]]) for name, values in first.features.items()},
        labels=np.concatenate([first.labels, second.labels]),
        spans=(*first.spans, *((start + shift, end + shift) for start, end in second.spans)),
    )


def make_examples(videos: Videos, row: Row) -> CurveExamples:
    """Put a row's features where the network looks for a film's streams; an absent stream has one column of zeros."""
    count = len(videos.labels)
    streams = {}
    for stream in STREAMS:
        parts = [videos.features[name] for name in getattr(row, stream)]
        streams[stream] = np.concatenate(parts, axis=1) if parts else np.zeros((count, 1), np.float32)
    present = np.array([bool(getattr(row, stream)) for stream in STREAMS], np.float32)
    return CurveExamples(
        streams=streams,
        present=np.broadcast_to(present, (count, len(STREAMS))).copy(),
        ratings=videos.labels[:, None].astype(np.float32),
        columns={name: tuple(f"{name}_{i}" for i in range(values.shape[1])) for name, values in streams.items()},
        curves=(UTTERANCE_COLUMN,),
        blocks=videos.spans,
    )


def predict_videos(examples: CurveExamples, train: Spans, test: Spans) -> Floats:
    """Train on some videos and read others: the mean of the networks of all seeds, (utterances of `test`,) in [0, 1]."""
    said = []
    for seed in SEEDS:
        network = train_curve_net(examples, train, RECIPE, seed=seed)
        said.append(np.concatenate([predict_span(network, examples, *span)[:, 0] for span in test]))
    mean: Floats = np.mean(said, axis=0)
    return mean


def predict_linear(videos: Videos, train: Spans, test: Spans) -> Floats:
    """Logistic regression on what `text_net` says, each utterance by itself."""
    rows, asked = (np.concatenate([np.arange(*span) for span in spans]) for spans in (train, test))
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
    model.fit(videos.features["clean"][rows], videos.labels[rows])
    said: Floats = model.predict_proba(videos.features["clean"][asked])[:, 1].astype(np.float32)
    return said


def score_folds(videos: Videos, predict: Predict) -> float:
    """Accuracy when each fifth of the videos, drawn once and for all, is left out in turn."""
    order = np.random.default_rng(0).permutation(len(videos.spans))
    hits = 0
    for fold in range(FOLDS):
        left_out = order[fold::FOLDS]
        test = [videos.spans[i] for i in sorted(left_out)]
        train = [videos.spans[i] for i in sorted(set(order) - set(left_out))]
        answers = np.concatenate([videos.labels[slice(*span)] for span in test])
        hits += int(((predict(train, test) >= 0.5) == (answers == 1)).sum())
    return hits / len(videos.labels)


if __name__ == "__main__":
    main()
