"""Reading records of other systems: the formats of files, their columns, and what is wrong with a row."""
