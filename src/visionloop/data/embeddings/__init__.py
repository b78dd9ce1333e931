"""Images as vectors of a model: kept, searched and laid out as a map."""
