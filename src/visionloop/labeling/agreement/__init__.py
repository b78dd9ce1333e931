"""How far answers about one image agree, and the labels they say together; pure computation."""
