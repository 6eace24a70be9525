"""The catalog that finds peers."""

from __future__ import annotations

from schema_matching_pipeline.plugins import Catalog
from schema_matching_pipeline.ports import PeerMatcher

PEERS: Catalog[PeerMatcher] = Catalog("schema_matching_pipeline.adapters.peers.matchers")
