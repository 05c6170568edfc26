"""How well the model reads sentences that it has not learned."""
