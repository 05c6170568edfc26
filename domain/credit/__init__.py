"""Credit data of companies: collected, corrected, kept for its time, and read through the gate alone."""
