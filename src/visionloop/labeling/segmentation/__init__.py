"""Outlines from a few clicks: interactive segmentation."""
