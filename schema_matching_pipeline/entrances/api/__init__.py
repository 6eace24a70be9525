"""Api: the doors over HTTP, for programs (JSON) and for people (pages).

Comes in:        requests of people and programs, each proven by a session or a key.
Goes out:        what the workflows say, as JSON in one envelope or as a page; every fault with its code and the way out.
How it decides:  not at all: a route finds out who acts, calls one workflow, and shows the answer.
To add to it:    a file in routes/ with a `router`, or in ui/ with its template; both are found by themselves.
It must never:   hold a rule, speak SQL, run a phase, or show a person what belongs to another tenant.
"""
