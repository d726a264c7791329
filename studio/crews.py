"""Who does the work of a command: threads of its own process, or the workers that the settings ask for."""

import importlib
from collections.abc import Iterator
from contextlib import closing, contextmanager

from studio.analysing import Crew
from studio.entries import USUAL
from studio.settings import Settings


@contextmanager
def open_crew(settings: Settings) -> Iterator[Crew]:
    """Get a crew together for as long as it is entered.

    A cluster of its own would cost a command seconds, and on few cores bring nothing; so it has one only where the
    settings name a scheduler or a number of workers.

    Args:
        settings: this machine's settings.

    Raises:
        SettingError: the scheduler does not answer.
    """
    if settings.scheduler is None and settings.workers is None:
        # Found by name, for it may load the networks, and whoever gives work to a cluster never does.
        crew: Crew = importlib.import_module("studio.networks").OwnCrew(settings)
        yield crew
        return
    from studio.cluster import Cluster
    from studio.cluster_crew import ClusterCrew

    with closing(Cluster.start(settings)) as cluster:
        yield ClusterCrew(cluster, find_priority=lambda: USUAL, check=lambda: None)
