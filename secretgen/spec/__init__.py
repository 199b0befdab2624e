"""From YAML text to the resolved model, with the place of every value."""
