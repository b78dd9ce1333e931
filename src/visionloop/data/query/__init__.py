"""One language to choose images with: text, a typed tree, and what the tree means."""
