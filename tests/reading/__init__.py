"""Tests of reading pictures, a module each."""
