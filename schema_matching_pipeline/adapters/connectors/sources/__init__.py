"""Kinds of source: each module registers one under its name; an outside package does by entry point."""
