"""How one table is measured; all ways give the same figures for the same rows.

``arrow_kernels`` counts a table that was fetched whole. ``duckdb_columns`` counts what DuckDB can select from, a
file it reads by itself or a table that ``staging`` copied, a column at a time. ``in_place`` lets whoever holds the
table aggregate and fetches a sample: a database by ``push_down``, an engine of many machines by ``ibis_place``.
What a column's distinct values and their counts mean is worked out in ``tally``; of very many distinct values
``digest`` finds out the same in one pass, ``survey``, and by statements, which a test holds to.
"""
