"""What `mnist-tool init` writes for people to begin from; nothing of ours imports it."""
