"""The outside world: rooms that implement the ports and never meet each other.

Comes in:        requests in the words of ``ports``: open this source, measure this table, answer this question.
Goes out:        values of ``model``, and faults of ``errors`` alone; no foreign exception, no foreign type.
How it decides:  it does not; each adapter speaks the language of one outside system.
To add to it:    a plug-in file in a folder of one of the rooms.
It must never:   read settings, know the registry, or import another adapter.
"""
