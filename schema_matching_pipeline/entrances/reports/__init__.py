"""Reports: pages of HTML as single files, for whoever has a browser and nothing else.

Comes in:        what a workflow or a room shows, and a template.
Goes out:        one file that needs no network and no script, light and dark by the reader's choice.
How it decides:  nothing; it draws what it is given, with what a source named spelled out where it would mislead.
To add to it:    a template here, or beside the room that draws it; all share ``page.css``.
It must never:   leave half a page behind, or show a value that is not masked.
"""
