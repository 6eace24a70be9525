"""Demo clients: three made-up practices that disagree with each other, with known truth.

Comes in:        a folder, the URL of a PostgreSQL database, a number of patients, a seed.
Goes out:        three ``DemoClient`` values: where the data are, what each column means, what was spoiled.
How it decides:  by the seed alone; people and visits first, then each client's own tables, then its dirt.
To add to it:    one file that turns a ``Practice`` into tables, and its line in ``build``.
It must never:   use a real person's data, reach the network, or replace a schema that it did not make.
"""

from schema_matching_pipeline.entrances.cli.demo.build import build_demo_clients
from schema_matching_pipeline.entrances.cli.demo.client import (
    DemoClient,
    FaultName,
    Grade,
    PlantedFault,
    QualityTruthRow,
    TruthRow,
)
from schema_matching_pipeline.entrances.cli.demo.steward import Steward, StewardDecision

__all__ = [
    "DemoClient",
    "FaultName",
    "Grade",
    "PlantedFault",
    "QualityTruthRow",
    "Steward",
    "StewardDecision",
    "TruthRow",
    "build_demo_clients",
]
