"""What bytes are: the IDX format, containers, and saying what came instead; no network, no disk."""
