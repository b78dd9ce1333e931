"""The REST API: a thin shell over the use cases."""
