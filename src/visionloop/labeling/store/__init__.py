"""The only SQL of labeling; import ``tables`` to declare its tables."""
