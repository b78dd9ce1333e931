"""Why a model decides as it does, from its exported graph alone."""
