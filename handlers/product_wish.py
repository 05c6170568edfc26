"""A product that the owner wants: by its name, or by its place in what was listed."""

from dataclasses import replace

from domain.products import Product
from domain.requests import RequestRow
from handlers import beginning, offers, publishing, reference, short_answers, within
from handlers.facts import Heard
from handlers.turn import Outcome, Turn


async def apply_product(turn: Turn) -> Outcome:
    """A request for it, to the institutions that offer it; what stands in the way is said at once."""
    found = await reference.products_meant(turn)
    request = await offers.current_request(turn)
    if not found:
        return await _none_found(turn, request)
    heard = short_answers.hear(within.with_told_before(turn).understanding, None)
    if request and request.state in publishing.GIVEN and not heard.fields:
        return await _covered(turn, request, found)
    return await _begin(turn, found, heard)


async def _none_found(turn: Turn, request: RequestRow | None) -> Outcome:
    named = turn.understanding.first("product")
    if named is None and request and request.state in publishing.GIVEN:
        said = publishing.already_out(request)
        return Outcome(f"不用逐款申请，匹配上的机构都看得到这笔需求。{said}", turn.state)
    place, listing = reference.place_named(turn), turn.state.memory.listing
    if named is not None:
        subject = f"目录里现在没有「{named.value}」这款产品。"
    elif place and listing and listing.kind == "products":
        subject = f"刚才列了{listing.shown}款，没有第{place}款。"
    else:
        subject = "您想申请哪款产品？"
    return Outcome(f"{subject}您可以说出产品全名，或者把金额和用途告诉我，我帮您找合适的。", turn.state)


async def _covered(turn: Turn, request: RequestRow, found: list[Product]) -> Outcome:
    """The published request reaches the institution already; whether it fits is worth saying."""
    name, institution = found[0].name, found[0].institution
    need = request.need.model_copy(update={"institutions": ()})
    missing = await offers.gaps(turn, found, need, request)
    fits = f"有对不上的：{'；'.join(missing)}" if missing else "和您的需求对得上"
    advice = f"想专门找这家，说「只找{institution}」就行。" if not missing else "要改哪一项，直接说就行。"
    return Outcome(
        f"「{name}」（{institution}）{fits}。您的需求（{request.id}）已经发布，不用另外申请。{advice}",
        turn.state,
        about=found[0].code,
    )


async def _begin(turn: Turn, found: list[Product], heard: Heard) -> Outcome:
    institutions = tuple(dict.fromkeys(product.institution for product in found))
    wished = heard.need.get("institutions", institutions)
    heard = replace(heard, need=heard.need | {"institutions": wished})
    name = found[0].name
    outcome = await beginning.begin(
        turn, heard, f"好的，我来帮您申请「{name}」。", product=name, keeping=True
    )
    return replace(outcome, about=found[0].code)
