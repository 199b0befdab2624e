"""What to do when a person leaves, or a role, an access key or an account leaked."""
