"""Registry: what the installation knows, who decided it, and the law about what may be published.

Comes in:        model values of every phase, decisions of people, the address of a PostgreSQL server.
Goes out:        the same values, the state of the gates, the work that is due, the audit trail.
How it decides:  the law lives in the database: functions that check the gate are the only road to a decision, an approval or a publication, and triggers write the audit.
To add to it:    a table in tables/, a numbered revision in migrations/, a repository for its subject.
It must never:   hand out a database object, filter tenants by hand, update a publication or an audit row.
"""

from schema_matching_pipeline.registry.embedded import EmbeddedServer, ServerAddress, ServerStatus
from schema_matching_pipeline.registry.migrate import downgrade, migrate, require_newest
from schema_matching_pipeline.registry.unit_of_work import Registry, UnitOfWork, role_of, with_driver

__all__ = [
    "EmbeddedServer",
    "Registry",
    "ServerAddress",
    "ServerStatus",
    "UnitOfWork",
    "downgrade",
    "migrate",
    "require_newest",
    "role_of",
    "with_driver",
]
