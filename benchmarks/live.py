"""What it costs to follow a film second by second, and how far what is told lies from the analysis of the whole.

    python -m benchmarks.live [FILM ...]

Without films: the demo. A film must be one that can be read from its beginning on, such as MKV. One core: TensorFlow gets one
thread.

Printed are the processor time of a second of film beside the limit of 5 ms; the largest difference between the numbers of a film
that is fed second by second and of the same film in one call; and, curve by curve, the correlation between what is told while a
film grows and its analysis, and the same for the causal weights over the measurements of the whole film.
"""

import sys
import time
from pathlib import Path

import numpy as np
import tensorflow as tf

from benchmarks.draft import DEMO
from pipeline.analyse import analyse_cut
from pipeline.curves import prepare_inputs
from pipeline.live import LiveOptions, follow_cut
from pipeline.streams.probe import find_sidecar, probe_cut
from studio.networks import load_live_models, load_models

LIMIT_MS = 5.0


def main() -> None:
    """Print the figures of each film."""
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    for film in [Path(word) for word in sys.argv[1:]] or [DEMO]:
        print_film(film)


def print_film(film: Path) -> None:
    """Follow one film, and analyse it."""
    text_model, curve_model, shot_model = load_models()
    _, live_model = load_live_models()
    whole = analyse_cut(probe_cut(film), text_model=text_model, curve_model=curve_model, shot_model=shot_model)
    inputs = prepare_inputs(whole.features, model=live_model)
    seconds = [{name: rows[t] for name, rows in inputs.items()} for t in range(len(whole.curves.values))]
    live_model.begin()
    live_model.step(seconds[0])  # Traced once, whatever film it is.
    live_model.begin()
    begun_s = time.process_time()
    stepped = np.stack([live_model.step(second)["values"] for second in seconds])
    step_ms = 1000 * (time.process_time() - begun_s) / len(seconds)
    at_once = live_model.predict({name: rows[None] for name, rows in inputs.items()})["values"][0]
    print(
        f"{film.name}: {step_ms:.2f} ms a second of film ({step_ms / LIMIT_MS:.2f} of the limit of {LIMIT_MS:.0f} ms)"
    )
    print(f"{film.name}: fed second by second or in one call, the same to {np.abs(stepped - at_once).max():.0e}")
    spans = follow_cut(
        film,
        model=live_model,
        text_model=text_model,
        transcript=find_sidecar(film),
        options=LiveOptions(every_s=1, patience_s=0),
    )
    told = np.concatenate([span.curves.values for span in spans])
    for column, name in enumerate(whole.curves.names):
        final = whole.curves.values[:, column]
        r, causal = (np.corrcoef(values[: len(final), column], final)[0, 1] for values in (told, stepped))
        print(f"{film.name:24}{name:>10}  told and final r {r:5.2f}  causal over the whole and final r {causal:5.2f}")


if __name__ == "__main__":
    main()
