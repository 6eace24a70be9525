"""Small real servers for what cannot be had here, with faults on demand."""
