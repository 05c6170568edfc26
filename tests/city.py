"""The platform around the dialogue, as tests want it."""

from handlers.turn import City


def page(openid: str, name: str, /, **about: str) -> str:
    """Where a page of ours is, told apart by whom it is for and what it is about."""
    return f"https://city.example/m/{'/'.join([name, *about.values()])}?for={openid}"


EVERYBODY = City(admission_first=False, link=page)
"""Who publishes need not be known."""
ADMITTED = City(admission_first=True, link=page)
"""Only who is registered, verified and has authorized may publish."""
