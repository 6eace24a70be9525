"""Workflows: the corridor, one file a use case: authorise, fetch, call pure functions, store.

Comes in:        a World (registry, ports, policies), who acts, and which client.
Goes out:        a summary value; everything else is in the registry.
How it decides:  it does not: phases decide, the registry holds the law.
To add to it:    one file with one public function.
It must never:   hold a rule of the domain, import an adapter, or keep anything between two calls.
"""
