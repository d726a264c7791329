"""Training the shot network."""

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from models.shot_examples import ShotExamples, sample_rows
from models.shot_net import build_shot_net
from models.spec import ShotNetSettings, ShotTraining


def train_shot_net(
    real: Sequence[ShotExamples],
    made: Sequence[ShotExamples],
    columns: Sequence[str],
    training: ShotTraining,
    *,
    seed: int,
    report: Callable[[int, float], None] = lambda step, loss: None,
) -> keras.Model:
    """Train one network.

    Args:
        real: stretches of real films, at least `crop_rows` long each.
        made: made films, likewise.
        columns: names of the columns.
        training: how.
        seed: of weights, dropout and crops; the same seed gives the same network on the same machine.
        report: called with each step and its loss.

    Returns:
        The trained network.
    """
    network = build_shot_net(make_settings(columns, training), seed=seed)
    everything = np.concatenate([film.columns for film in (*real, *made)])
    network.get_layer("scaling").set_statistics(everything.mean(axis=0), everything.std(axis=0))
    schedule = keras.optimizers.schedules.CosineDecay(training.learning_rate, training.steps)
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=training.weight_decay, clipnorm=1.0)
    optimizer.build(network.trainable_variables)

    def step(inputs: Any, labels: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = measure_loss(network(inputs, training=True), labels, kind_weight=training.kind_weight)
        gradients = tape.gradient(loss, network.trainable_variables)
        optimizer.apply(gradients, network.trainable_variables)
        return loss

    compiled = tf.function(step)
    films = [*_weigh(real, 1 - training.made_share), *_weigh(made, training.made_share)]
    batches = sample_rows(films, crop_rows=training.crop_rows, batch=training.batch, seed=seed)
    for number in range(training.steps):
        batch = next(batches)
        labels = {
            "boundary": batch.boundary,
            "boundary_weight": batch.boundary_weight,
            "kinds": batch.kinds,
            "kind_weight": batch.kind_weight,
        }
        tensors = {name: tf.constant(array) for name, array in labels.items()}
        report(number, float(compiled(tf.constant(batch.columns), tensors)))
    return network


@dataclass(frozen=True, kw_only=True)
class ShotTask:
    """One network to train, in a process of its own: the arguments of `train_shot_net`."""

    real: Sequence[ShotExamples]
    made: Sequence[ShotExamples]
    columns: Sequence[str]
    training: ShotTraining
    seed: int


def train_side_by_side(
    tasks: Sequence[ShotTask], *, workers: int = 2, report: Callable[[int], None] = lambda done: None
) -> list[keras.Model]:
    """Train networks in processes with one thread each.

    Args:
        tasks: what to train.
        workers: processes.
        report: called with how many are finished.

    Returns:
        The networks, in the order of the tasks.
    """
    networks = []
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        for task, weights in zip(tasks, pool.map(_run_task, tasks), strict=True):
            network = build_shot_net(make_settings(task.columns, task.training), seed=task.seed)
            network.set_weights(weights)
            networks.append(network)
            report(len(networks))
    return networks


def _run_task(task: ShotTask) -> list[Any]:
    """Train one network and return its weights."""
    if multiprocessing.parent_process() is not None:
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    network = train_shot_net(task.real, task.made, task.columns, task.training, seed=task.seed)
    return list(network.get_weights())


def make_settings(columns: Sequence[str], training: ShotTraining) -> ShotNetSettings:
    """The network that a training is for."""
    return ShotNetSettings(
        columns=tuple(columns),
        units=training.units,
        recurrent_units=training.recurrent_units,
        dropout=training.dropout,
    )


def measure_loss(outputs: Any, labels: Any, *, kind_weight: float) -> Any:
    """Cross-entropy of the boundary over the rows that count, and of the kind over those that have one: a scalar.

    Args:
        outputs: of the network.
        labels: the arrays of `ShotExamples`, with a batch axis in front.
        kind_weight: of the second beside the first.
    """
    weight = labels["boundary_weight"]
    where = keras.losses.binary_crossentropy(labels["boundary"][..., None], outputs["boundary"][..., None])  # (B, N)
    what = keras.losses.sparse_categorical_crossentropy(labels["kinds"], outputs["kinds"])  # (B, N)
    boundaries = ops.sum(labels["boundary"] * weight)
    # A boundary, not a row, is what counts: most rows are none and say so at once.
    loss = ops.sum(where * weight) / ops.maximum(boundaries, 1.0)
    kinds = ops.sum(what * labels["kind_weight"]) / ops.maximum(ops.sum(labels["kind_weight"]), 1.0)
    return loss + kind_weight * kinds


def _weigh(films: Sequence[ShotExamples], share: float) -> list[tuple[ShotExamples, float]]:
    """Share out draws among films by their length."""
    total = sum(len(film.columns) for film in films)
    return [(film, share * len(film.columns) / total) for film in films if share > 0]
