"""What a city pays institutions for the business that they did in a year, line by line."""
