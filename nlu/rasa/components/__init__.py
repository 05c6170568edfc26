"""Graph components of the Rasa pipeline, and the rule-based extractors behind them."""
