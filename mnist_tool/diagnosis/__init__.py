"""Find out what is wrong with data, torch or machine, and mend it."""
