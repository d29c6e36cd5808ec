"""The rows of the registry: a file for each family of data sets."""
