"""Plug-ins: one kind of derived field a file."""
