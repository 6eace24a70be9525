"""Entrances: the doors through which people and machines come in.

Comes in:        a command line, a Dagster run, a sensor's tick.
Goes out:        what a workflow answered, in the words of that door.
How it decides:  it does not: it names a workflow, and translates faults into exit codes and failures.
To add to it:    one folder a door.
It must never:   hold a rule of the domain, or reach around a workflow.
"""
