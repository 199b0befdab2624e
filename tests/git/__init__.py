"""Questions to real Git repositories."""
