"""Element 1: datastores, images, annotations, dataset versions."""
