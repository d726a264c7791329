"""Trained networks from their files, as nothing but networks: no code that a file brings with it is run."""

from pathlib import Path
from typing import TypeVar

import keras

Network = TypeVar("Network", bound=keras.Model)


def load_network(path: Path, kind: type[Network] | tuple[type[Network], ...], *, name: str) -> Network:
    """Load a network from a .keras file; only code of this package and Keras's own is ever run (safe mode).

    Args:
        path: the file.
        kind: the class, or the classes, that the network must be of.
        name: what people call such a file: "a shot model".

    Raises:
        ValueError: the file is missing or is not such a network.
    """
    try:
        network = keras.saving.load_model(path, compile=False, safe_mode=True)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{path} is not {name}: {error}") from error
    if not isinstance(network, kind):
        raise ValueError(f"{path} is not {name} but a {type(network).__name__}")
    return network
