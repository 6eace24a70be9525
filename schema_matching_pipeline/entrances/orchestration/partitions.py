"""One partition a client; the registry is the truth, a sensor mirrors it into Dagster."""

from __future__ import annotations

import dagster as dg

CLIENTS = dg.DynamicPartitionsDefinition(name="clients")

CLIENTS_NAME = "clients"
"""What the instance stores the partition keys under."""
