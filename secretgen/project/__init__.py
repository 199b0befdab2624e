"""A project on disk: its settings, its specs, what they render to, what is committed of it."""
