"""Who a person is: providers that check it, and the walk from a name to a result."""
