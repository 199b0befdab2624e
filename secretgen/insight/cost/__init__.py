"""What an environment costs in a month, line by line."""
