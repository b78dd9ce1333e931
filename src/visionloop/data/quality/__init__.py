"""Findings about images and labels, and what can be done about them in bulk."""
