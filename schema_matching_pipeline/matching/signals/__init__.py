"""Signals: one file each; each scores every pair of column and field, or says that it knows nothing.

Comes in:        both sides, and the evidence gathered from both.
Goes out:        a matrix, columns x fields, of scores in 0..1; NaN for "knows nothing".
How it decides:  each by one kind of evidence; how much a score counts is the combiner's business.
To add to it:    one file with ``SIGNALS.register("name")`` on a function; untrained, it counts little.
It must never:   depend on the order of columns, loop over pairs, or look at a value.
"""
