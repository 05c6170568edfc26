"""How the loss of a guaranteed loan is shared, what its guarantee costs, and how far a fund is used."""
