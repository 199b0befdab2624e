"""The resolved environment as frozen values, and their comparison."""
