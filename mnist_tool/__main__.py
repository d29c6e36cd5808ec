"""Run the command line as ``python -m mnist_tool``."""

from mnist_tool.cli import main

if __name__ == "__main__":
    main()
