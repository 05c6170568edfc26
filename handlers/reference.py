"""What a message refers to: a product by name, 「第二个」 of a list, 「这个」 that was talked about."""

import re
from dataclasses import replace

from domain import policies, products
from domain.base import today_in_china
from domain.policies import Policy
from domain.products import Product
from handlers import control, offers
from handlers.turn import Listing, Turn
from nlu.understanding import FALLBACK

_DIGITS = {character: place for place, character in enumerate("一二三四五六七八九十", start=1)} | {"两": 2}
_ORDINAL = re.compile(r"第\s*(?P<place>[1-9]|10|[一二两三四五六七八九十])\s*[个款家种条项]")
_BARE_PLACE = re.compile(r"\s*(?P<place>[1-9]|10)\s*[.。]?\s*")
_THIS = re.compile(r"这[个款家种条项]|那[个款家种条项]|它|该产品")
_THIS_ONE = re.compile(
    r"(?:那?就|我?选|我?要|申请|办)(?:它|这[个款家]|那[个款家])(?:了|吧|产品|贷款)*[。！!]?"
)
_CHOOSES = re.compile(r"就|选|要|办|申请|吧")
# A longer sentence with such a number in it has a wish of its own.
_LONGEST_PICK = 12
QUESTIONS = frozenset({"ask_products", "ask_rate", "ask_requirements", "ask_policy"})
_NARROWING = frozenset(
    {"rate", "guarantee", "collateral", "amount", "term_months", "institution", "region", "product"}
)
_ASKS_FOR_SOME = re.compile(
    r"(?:有没有|有没|有哪些|有什么|有啥|哪些|哪几[家款个]).*的[吗么呢?？。]*$|(?:有哪些|有没有|有吗)[呢?？。]*$"
)
_FOLLOWS = re.compile(r"[的呢][吗么呢?？。]*$")
# Below this the model's own guess counts less than the form of the question.
_UNSURE = 0.6
_VAGUE = frozenset({FALLBACK, "inform", "affirm", "apply_financing", "skip", "correct", "apply_product"})


def read(turn: Turn) -> Turn:
    """What refers to the answer before it is read as the wish that it stands for."""
    if wish := _narrows(turn) or _chooses(turn):
        return replace(turn, understanding=control.read_as(turn.understanding, wish))
    return turn


def _narrows(turn: Turn) -> str | None:
    """「有没有利息低于3%的」 asks for products; after a question 「五百万以内的呢」 asks it once more."""
    told = {entity.name for entity in turn.understanding.entities}
    sure = turn.intent not in {"inform", FALLBACK} and turn.understanding.intent.confidence >= _UNSURE
    if sure or not told & _NARROWING:
        return None
    if _ASKS_FOR_SOME.search(turn.text):
        return "ask_products"
    return turn.state.memory.question if turn.state.topic is None and _FOLLOWS.search(turn.text) else None


def _chooses(turn: Turn) -> str | None:
    """「就第一个吧」 after a list is a wish for that item, 「第二个」 alone a question about it."""
    listing = turn.state.memory.listing
    if turn.state.memory.about and _THIS_ONE.fullmatch(turn.text.strip()):
        return "apply_product"
    if listing is None:
        return None
    if turn.state.topic is None and _BARE_PLACE.fullmatch(turn.text):
        return _question_about(listing)
    short = len(turn.text.strip()) <= _LONGEST_PICK
    if not (short and turn.intent in _VAGUE and _ORDINAL.search(turn.text)):
        return None
    if _CHOOSES.search(turn.text):
        return "apply_product" if listing.kind == "products" else "apply_policy"
    return _question_about(listing)


def _question_about(listing: Listing) -> str:
    return "ask_requirements" if listing.kind == "products" else "ask_policy"


async def products_meant(turn: Turn) -> list[Product]:
    """The products on offer that the message is about, best first; one name may stand with several banks."""
    names = [str(entity.value) for entity in turn.understanding.all("product")]
    if names:
        found = [product for name in names for product in await products.named(turn.session, name)]
        return _on_offer(turn, _at_institution(turn, found))
    listing = turn.state.memory.listing
    if listing and listing.kind == "products" and (place := place_named(turn)):
        return await listed_products(turn, listing.codes[place - 1 : place])
    if _THIS.search(turn.text) and turn.state.memory.about:
        return await listed_products(turn, (turn.state.memory.about,))
    return []


async def product_under_way(turn: Turn) -> list[Product]:
    """The product that the present request asks for by name."""
    request = await offers.current_request(turn)
    if request is None or request.product is None:
        return []
    return _on_offer(turn, await products.named(turn.session, request.product))


async def policy_meant(turn: Turn) -> Policy | None:
    """The policy that 「第二个」 stands for."""
    listing = turn.state.memory.listing
    if listing is None or listing.kind != "policies" or not (place := place_named(turn)):
        return None
    found = await listed_policies(turn, listing.codes[place - 1 : place])
    return found[0] if found else None


def place_named(turn: Turn) -> int | None:
    """The place in a list, from 1, that the message names."""
    found = _ORDINAL.search(turn.text) or _BARE_PLACE.fullmatch(turn.text)
    if found is None:
        return None
    return _DIGITS.get(found["place"]) or int(found["place"])


async def listed_products(turn: Turn, codes: tuple[str, ...]) -> list[Product]:
    """Those of them that are still on offer, in the order of the list."""
    stored = await products.known(turn.session, codes)
    return _on_offer(turn, [Product.model_validate(stored[code]) for code in codes if code in stored])


async def listed_policies(turn: Turn, codes: tuple[str, ...]) -> list[Policy]:
    stored = await policies.known(turn.session, codes)
    day = today_in_china(turn.now)
    found = [Policy.model_validate(stored[code]) for code in codes if code in stored]
    return [policy for policy in found if policy.on_offer(day)]


def _at_institution(turn: Turn, found: list[Product]) -> list[Product]:
    wished = {str(entity.value) for entity in turn.understanding.all("institution")}
    return [product for product in found if product.institution in wished] or found


def _on_offer(turn: Turn, found: list[Product]) -> list[Product]:
    day = today_in_china(turn.now)
    return [product for product in found if product.on_offer(day)]
