"""Maps each new client's database to one canonical schema, and stops for people where that is right.

The house, from the ground up; data and imports go down, never up:

* ``errors``, ``plugins``: the fault tree; how plug-ins are found.
* ``model``: frozen values that travel between rooms.
* ``ports``: every door to the outside.
* ``canon``: what is known before looking: names, masking, canonical schemas, value bank.
* phases, strangers to each other: ``catalog``, ``profiling``, ``quality``, ``classification``,
  ``matching``, ``validation``, ``review``.
* ``registry``: our own PostgreSQL; ``adapters``: the outside.
* ``workflows``: the corridor, one file a use case.
* ``settings``, ``runtime``: read once; the one composition root.
* ``entrances``: Dagster and the command line; ``definitions``: Dagster's entry.
"""

__version__ = "0.1.0"
