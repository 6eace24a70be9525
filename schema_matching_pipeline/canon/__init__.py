"""Canon: what we know before we look at a client.

Comes in:        the texts of packaged and given YAML files; names; raw values, to be masked.
Goes out:        canonical schemas, name tokens and their meanings, semantic types, masked values.
How it decides:  by lists that people can read and extend; nothing is learned here.
To add to it:    an entry in a file under ``canon/data``, or a file of one's own beside them.
It must never:   look at the clock, the network or a database, or let a raw value out.
"""
