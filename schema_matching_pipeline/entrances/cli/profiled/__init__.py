"""What ``smp profile`` shows: the same view of tables and columns, for the terminal and as a page.

Comes in:        SourceProfile, QualityReport, the scores of the tables.
Goes out:        a ProfileView, drawn by ``terminal`` or rendered by ``page`` as one file that needs nothing else.
How it decides:  every figure is rounded to what a person reads, a day to its month; values come masked as they are.
To add to it:    a figure in ``figures``, a plot in ``distribution``; both ways out show it.
It must never:   show a figure of a personal column, or a value that the profile does not show itself.
"""
