"""Compute targets, jobs and the workers that run them."""
