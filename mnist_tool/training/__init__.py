"""Torch: recipes, training, evaluation and prediction."""
