"""Labeling projects: a queue with a filter, instructions, members and rules of its own."""
