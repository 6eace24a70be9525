"""A schema-matching pipeline."""

__version__ = "0.1.0"
