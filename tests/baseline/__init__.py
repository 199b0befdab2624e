"""Where it is taken from what is committed: the disk, Git, both sides of a merge."""
