"""Active learning: label next what the model learns most from, and see what it gained."""
