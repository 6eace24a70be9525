"""Patterns: one file a family; each pattern is a function from distinct values to one truth each.

Comes in:        distinct values of one column, stripped.
Goes out:        for each value whether it follows the pattern.
How it decides:  a regular expression on the whole value, then check digits or code lists where they exist.
To add to it:    one file with ``PATTERNS.register("name")`` on a function; its docstring is its manual.
It must never:   keep a value, or look at more than it is given.
"""
