"""Who a person is: verifications, the papers that they rest on, and what is kept of both."""
