"""What a worker of this machine does first. Dask finds this module by its name, and calls the function by its own."""

import signal
from typing import Any


def dask_setup(worker: Any) -> None:
    """Leave an interruption at the terminal to the program that started the worker, and that stops it then."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
