"""The command line ``smp``: every workflow for a person at a terminal, and the demonstration.

Comes in:        words typed in a shell, and the settings.
Goes out:        tables for people, JSON for programs, and a documented exit code.
How it decides:  it does not; it asks a workflow and prints the answer.
To add to it:    one file a command group.
It must never:   hold a rule, speak SQL, or print a secret.
"""
