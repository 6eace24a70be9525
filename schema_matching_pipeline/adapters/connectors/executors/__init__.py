"""How one table is measured; all ways give the same figures for the same rows.

``arrow_kernels`` counts a table that was fetched whole. ``duckdb_columns`` counts what DuckDB can select from, a
file it reads by itself or a table that ``staging`` copied, a column at a time. ``push_down`` lets the source itself
aggregate and fetches a sample. What a column's distinct values and their counts mean is worked out in ``tally``;
of very many distinct values ``digest`` has DuckDB work out the same, which a test holds to.
"""
