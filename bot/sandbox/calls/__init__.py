"""WeChat's API, one file a noun: what it keeps, its rules and its calls."""
