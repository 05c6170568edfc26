"""`run.py doctor`: looks over a deployment and says what to do about what it finds; changes nothing."""
