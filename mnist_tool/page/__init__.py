"""The page to draw on: one HTML file that holds a trained model and what runs it."""
