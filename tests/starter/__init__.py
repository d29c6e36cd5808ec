"""Tests of what people begin from."""
