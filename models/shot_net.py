"""The network that finds shot boundaries: a short convolution, a bidirectional GRU, a head for where and one for what kind.

Axis letters: B batch, N rows of the 25 Hz grid, D columns, K = 4 kinds.
"""

import keras
from keras import layers

from models.curve_net import ColumnScaling
from models.spec import SHOT_KINDS, ShotNetSettings

WINDOW_ROWS = 5
"""What the convolution sees at once: sharp boundaries are told apart from flicker here, the GRU sees the rest."""


def build_shot_net(settings: ShotNetSettings, *, seed: int) -> keras.Model:
    """Build one network.

    Args:
        settings: names and sizes.
        seed: of weights and dropout; the same seed gives the same network.

    Returns:
        (B, N, D) -> a dict of `boundary` (B, N), the probability that a new shot begins with the row, and `kinds`
        (B, N, K), the probability of each of `SHOT_KINDS`, given that something is there.
    """
    keras.utils.set_random_seed(seed)
    columns = keras.Input((None, len(settings.columns)), name="columns")
    scaled = ColumnScaling(name="scaling")(columns)
    local = layers.Conv1D(settings.units, WINDOW_ROWS, padding="same", activation="relu", name="local")(scaled)
    local = layers.Dropout(settings.dropout, name="local_dropout")(local)  # (B, N, units)
    gru = layers.GRU(settings.recurrent_units, return_sequences=True)
    recurrent = layers.Bidirectional(gru, name="recurrent")(local)  # (B, N, 2 * recurrent_units)
    both = layers.Concatenate(name="both")([local, recurrent])
    both = layers.Dropout(settings.dropout, name="both_dropout")(both)
    hidden = layers.Dense(settings.units, activation="relu", name="hidden")(both)  # (B, N, units)
    boundary = layers.Dense(1, activation="sigmoid", name="boundary_head")(hidden)  # (B, N, 1)
    kinds = layers.Dense(len(SHOT_KINDS), activation="softmax", name="kinds")(hidden)  # (B, N, K)
    return keras.Model(columns, {"boundary": boundary[..., 0], "kinds": kinds}, name="shot_net")
