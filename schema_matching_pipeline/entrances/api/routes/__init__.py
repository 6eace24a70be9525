"""One file a group of features; each has a ``router`` and calls workflows."""
