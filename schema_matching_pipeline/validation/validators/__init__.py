"""Validators: one file each, found by the catalog in ``validation/validator.py``."""
