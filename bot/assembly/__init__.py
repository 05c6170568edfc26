"""The service put together, a part a file: what every process stands on, the web role, the worker's loops."""
