"""Peers: published matchers that ours is measured beside.

Comes in:        the two sides of a task.
Goes out:        ranked predictions of the peer with its default settings, each from 0 to 1.
How it decides:  each in its own way; nothing is tuned, neither to the task nor to us.
To add to it:    one file in matchers/ that registers a PeerMatcher.
It must never:   see a truth, or take part in a client's mapping.
"""

from schema_matching_pipeline.adapters.peers.catalog import PEERS

__all__ = ["PEERS"]
