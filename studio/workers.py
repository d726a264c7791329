"""Getting workers: starting some on this machine, or reaching those of somebody else's scheduler."""

import logging
import os
from typing import Any

from pipeline.errors import SettingError
from studio.settings import Settings

WORKER_ENVIRON = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    # The C library gives every thread a heap of its own, and films are read in many: with two, half the memory will do.
    "MALLOC_ARENA_MAX": "2",
}
"""One thread for arithmetic: several on busy cores are many times slower. Set before a worker's process begins."""

CLUSTER_CONFIG = {
    # How many workers a task may take down with it before it is given up: one is bad luck, two are the film.
    "distributed.scheduler.allowed-failures": 1,
    # A worker with too little memory is stopped, and its task fails: one that only pauses would keep a job for ever.
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}

NETWORK = "network"
"""Of the local workers one has it, and only that one loads the networks: they take seconds and half a gigabyte."""

CONNECT_TIMEOUT_S = 10


def connect_scheduler(address: str) -> Any:
    """Connect to somebody else's Dask scheduler.

    Args:
        address: as THROUGHLINE_SCHEDULER gives it.

    Returns:
        A `distributed.Client`.

    Raises:
        SettingError: no scheduler answers there, or it wants TLS and Dask has no certificates for it.
    """
    from distributed import Client, Security

    if address.startswith("tls://") and Security().get_connection_args("client")["ssl_context"] is None:
        raise SettingError(
            f"Dask has no certificates for the scheduler at {address}.",
            "Set DASK_DISTRIBUTED__COMM__TLS__CA_FILE and its companions, or correct THROUGHLINE_SCHEDULER.",
        )
    try:
        return Client(address, timeout=CONNECT_TIMEOUT_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise SettingError(
            f"No Dask scheduler answers at {address}.",
            "Start it, correct THROUGHLINE_SCHEDULER, or unset it to use this machine.",
        ) from error


def start_local(settings: Settings) -> tuple[Any, Any]:
    """Start workers on this machine.

    Args:
        settings: this machine's settings.

    Returns:
        The cluster, and a client that is connected to it.
    """
    import dask
    from distributed import Client, Nanny, Scheduler, Security, SpecCluster
    from distributed.system import MEMORY_LIMIT

    # Whoever reaches a scheduler can run code with it: only a certificate made here, for this run, opens this one.
    security = Security.temporary()
    place = {"host": "127.0.0.1", "protocol": "tls://", "security": security, "dashboard": False}
    decoders = settings.decoders or max(1, (os.cpu_count() or 1) // settings.local_workers)
    worker = {
        **place,
        "nthreads": 1,
        "memory_limit": settings.worker_memory or MEMORY_LIMIT // settings.local_workers,
        "preload": ["studio.worker_start"],
        "silence_logs": logging.ERROR,  # What a task raises is told where it is waited for.
        "env": {**WORKER_ENVIRON, "THROUGHLINE_DECODERS": str(decoders)},
    }
    shares = [{NETWORK: 1.0}, *[{}] * (settings.local_workers - 1)]
    with dask.config.set({**CLUSTER_CONFIG, "distributed.nanny.pre-spawn-environ": WORKER_ENVIRON}):
        cluster = SpecCluster(
            workers={
                number: {"cls": Nanny, "options": {**worker, "resources": share}} for number, share in enumerate(shares)
            },
            # Dask listens for browsers even without a dashboard: on a free port, to this machine, with nothing to show.
            scheduler={"cls": Scheduler, "options": {**place, "dashboard_address": "127.0.0.1:0"}},
            security=security,
            silence_logs=logging.WARNING,
        )
    return cluster, Client(cluster.scheduler_address, security=security, set_as_default=False)
