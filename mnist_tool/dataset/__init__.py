"""The data: what it is, where it comes from, and what lies on the disk; no torch."""
