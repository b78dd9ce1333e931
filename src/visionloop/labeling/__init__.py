"""Element 3, first half: labeling tasks, review and model assistance."""
