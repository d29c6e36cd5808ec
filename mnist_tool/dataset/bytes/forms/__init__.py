"""Other forms of the same numbers, turned into IDX bytes."""
