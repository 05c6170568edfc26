"""Which model the servers have in use, and what was measured of it, for Prometheus."""

from pathlib import Path

from nlu import metrics, record
from nlu.client import RasaClient
from nlu.training import MODELS

_UNKNOWN = "unknown"


async def model(client: RasaClient) -> str:
    """The hash of the model that answers; unknown while servers differ or none says."""
    names = set((await client.models()).values())
    return record.name_of(Path(names.pop())) if len(names) == 1 else _UNKNOWN


async def observe(client: RasaClient, project: Path) -> None:
    """Asked for when the figures are read: another process may have swapped the model.

    What belongs to a model is read from its record in this machine's folder of models.
    """
    in_use = await client.models()
    folder = project / MODELS
    records = {name: record.read(folder / name) for name in set(in_use.values())}
    # Those of the model before must go, or there would seem to be two.
    metrics.MODEL.clear()
    metrics.MODEL_FIGURE.clear()
    for server, name in in_use.items():
        known = records[name]
        model, data = record.name_of(folder / name), known.data if known else _UNKNOWN
        metrics.MODEL.labels(server, model, data).set(1)
    for known in filter(None, records.values()):
        for which, figures in known.sets.items():
            for figure, value in figures.headline().items():
                metrics.MODEL_FIGURE.labels(known.model, which, figure).set(value)
