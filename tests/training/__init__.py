"""Tests of recipes, trainer, checkpoints and runs."""
