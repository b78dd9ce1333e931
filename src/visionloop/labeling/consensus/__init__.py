"""Several people's answers about one image: how far they agree, and what they say together."""
