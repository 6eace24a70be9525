"""Repositories: one file a subject, model values in and out, every list in one statement."""
