"""Tests against real old interpreters with real old torch; run by `make test-legacy`."""
