"""What is said in voice messages, written down: WeChat has not done it since 2023."""
