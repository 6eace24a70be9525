"""What ``smp profile`` shows in the terminal, while it measures and after.

Comes in:        a ProfileView, and how far the measuring is.
Goes out:        lines of text and a bar of progress.
How it decides:  nothing; the view says what is shown, the width of the terminal how.
To add to it:    a line in ``terminal``.
It must never:   show what the view does not.
"""
