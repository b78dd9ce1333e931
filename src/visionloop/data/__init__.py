"""Images, their annotations and frozen dataset versions."""
