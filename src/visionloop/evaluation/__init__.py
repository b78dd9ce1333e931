"""Element 3: metrics, slices and reports that judge a model."""
