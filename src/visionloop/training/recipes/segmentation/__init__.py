"""Semantic segmenters: a light one on any backbone, and those of transformers."""
