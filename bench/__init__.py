"""Benchmarks: every promised figure, printed; none of them is a test on time."""
