"""What is recommended for a request: found by the matcher, reviewed by an adviser, sent to institutions."""
