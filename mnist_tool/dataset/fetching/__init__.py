"""A fetch: what was asked for, the race over the sources, and what is told of it."""
