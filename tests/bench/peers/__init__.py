"""Other tools at the same work, each installed in a folder of its own under `.venv/bench`."""
