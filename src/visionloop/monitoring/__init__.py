"""Elements 8 to 10: prediction log, drift, performance, review queue, infrastructure."""
