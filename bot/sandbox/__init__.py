"""A phone in the browser and the fake WeChat behind it."""
