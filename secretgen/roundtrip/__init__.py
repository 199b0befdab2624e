"""The round trip: the proof that rendered HCL says what its spec says, and drift from it."""
