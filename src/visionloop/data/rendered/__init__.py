"""Rendered machined parts on a conveyor belt: demo and test images that need no download."""
