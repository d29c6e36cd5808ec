"""Tests of the doctor: every check red and green, the probe, the files it writes, the repairs."""
