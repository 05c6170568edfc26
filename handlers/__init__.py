"""One conversation topic a file: a Turn in, an Outcome out."""
