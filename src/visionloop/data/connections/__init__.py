"""Connections to the places that images are read from."""
