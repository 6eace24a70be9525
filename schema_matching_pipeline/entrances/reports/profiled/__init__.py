"""A profile for people: the view of its tables and columns, and the page that is drawn from it.

Comes in:        SourceProfile, QualityReport, the scores of the tables.
Goes out:        a ProfileView, which the terminal draws too, and one file of HTML that needs nothing else.
How it decides:  every figure is rounded to what a person reads, a day to its month; values come masked as they are.
To add to it:    a figure in ``figures``, a plot in ``distribution``; every way out shows it.
It must never:   show a figure of a personal column, or a value that the profile does not show itself.
"""
