"""The pages that owners open inside WeChat."""
