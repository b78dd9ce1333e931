"""Visionloop: the whole computer-vision MLOps loop, from labels to production and back."""

__version__ = "0.1.0"
