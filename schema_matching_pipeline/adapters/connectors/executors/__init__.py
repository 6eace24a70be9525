"""How one table is measured; all three ways give the same figures for the same rows.

``arrow_kernels`` counts a table that was fetched whole; ``duckdb_staged`` counts one that was copied into a
DuckDB database on local disk, a column at a time; ``push_down`` lets the source itself aggregate and
fetches a sample. What a column's distinct values and their counts mean is worked out in one place, ``tally``.
"""
