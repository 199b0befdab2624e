"""What the deployment of a reader needs to name its secrets: references, never values."""
