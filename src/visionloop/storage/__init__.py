"""Owns the database session, the blob store and the durable engine; nobody else opens them."""
