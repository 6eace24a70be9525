"""Model: the nouns of the house, frozen values that travel between rooms.

Comes in:        nothing; values are made by phases, connectors and the registry.
Goes out:        every value that crosses a room's door, one file a subject.
How it decides:  invariants only; a value that breaks one cannot be made.
To add to it:    a field with a default, or one file for a new subject.
It must never:   read, write, look at the clock, or know a room above it.
"""
