"""Element 7: endpoints, deployments and the inference server."""
