"""The commands, a file each, named like it."""
