"""Judging semantic segmenters: overlap of regions and of their boundaries."""
