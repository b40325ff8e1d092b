"""A local AWS: moto, made as strict as AWS where the runbooks depend on it."""
