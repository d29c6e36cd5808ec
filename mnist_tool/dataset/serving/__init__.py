"""This machine as a mirror: what it offers, the pages about it, and the server."""
