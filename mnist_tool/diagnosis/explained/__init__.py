"""Error texts of torch, torchvision and their libraries, and what mends each, by topic."""
