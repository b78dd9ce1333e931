"""The only SQL of the data estate; import ``tables`` to declare its tables."""
