"""What the house holds about people and their companies: handed out, and deleted as far as the law lets."""
