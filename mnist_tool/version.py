"""The version of this package, for whoever tells it: the command line, records, requests."""

__all__ = ["__version__"]

__version__ = "0.1.0"
