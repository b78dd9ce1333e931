"""Detectors: networks, target assignment, losses and what an endpoint runs."""
