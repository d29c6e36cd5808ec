"""From a picture file to the digit in it."""
