"""Judging detectors and instance segmenters: matching, average precision, error types."""
