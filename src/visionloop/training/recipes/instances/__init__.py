"""Instance segmenters: the light detector with a light mask head."""
