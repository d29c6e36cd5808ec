"""Tests of the linear classifier's step, bit for bit."""
