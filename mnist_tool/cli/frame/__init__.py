"""The carpentry around Typer: how a function becomes a command."""
