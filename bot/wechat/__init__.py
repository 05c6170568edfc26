"""The WeChat service-account protocol, knowing nobody."""
