"""Migrations of the database, oldest first under versions/."""
