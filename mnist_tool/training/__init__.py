"""Torch: recipes, training and evaluation."""
