"""Finds the hazards between two environments, one kind of thing in each module."""
