"""One address to bytes: the download, its limits of patience, and how it can end."""
