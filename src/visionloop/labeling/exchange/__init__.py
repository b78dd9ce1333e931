"""Two-way exchange of labels with other labeling tools."""
