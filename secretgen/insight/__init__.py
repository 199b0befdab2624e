"""What an environment means: who can read what, what it costs, how it looks, where it is from."""
