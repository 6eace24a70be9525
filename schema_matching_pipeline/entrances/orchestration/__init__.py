"""Orchestration: the pipeline as Dagster shows and runs it, one partition a client.

Comes in:        partition keys, sensor ticks, the nightly schedule; a World.
Goes out:        materialisations with counts and small tables, check results, runs; never values of a client.
How it decides:  it does not: an asset calls one workflow, a gated one asks the gate first, jobs end at gates.
To add to it:    an asset in assets.py with the workflow it calls; its checks in checks.py.
It must never:   publish past a gate, hold a rule, touch anything while being imported, or show a raw value.
"""
