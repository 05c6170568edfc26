"""A new request, with what is known already: nothing is asked that was said before."""

from typing import Any

from domain import requests
from domain.companies import CompanyFacts
from domain.needs import Need
from domain.requests import RequestRow, RequestStatus
from handlers import asking, facts, offers
from handlers.facts import Heard
from handlers.turn import Field, Outcome, State, Turn

# The firm stays where it is and what it is, whatever the next loan is for.

_OF_THE_FIRM = (Field.REGION.value, Field.INDUSTRY.value)
# Characters of what is said back.
_SAID_BACK_AT_MOST = 60


async def begin(
    turn: Turn, heard: Heard, opening: str, *, product: str | None = None, keeping: bool = False
) -> Outcome:
    """Begin a request with what was heard; a half-filled one is closed, not one that only waits.

    `keeping`: it goes on in the new one (the owner chose a product for it), else only the firm's place and
    trade do. A published request stays as it is.
    """
    earlier = await offers.current_request(turn)
    half_filled = earlier if earlier and earlier.state is RequestStatus.DRAFT else None
    if half_filled and half_filled.confirmed_at:
        half_filled = None
    known = _kept(earlier, whole=keeping and half_filled is not None)
    request = await requests.draft(
        turn.session,
        turn.openid,
        facts.merged(known, heard, replacing=True),
        turn.now,
        facts=facts.merged_facts(earlier.facts if earlier else CompanyFacts(), heard),
        product=product,
        replaces=half_filled.replaces if half_filled and keeping else None,
    )
    if half_filled:
        requests.discard(turn.session, half_filled, turn.now)
    missing = await _missing(turn, request)
    bank = "" if product else asking.wished_bank(heard)
    said = facts.joined(f"{opening}{_said_back(request.need, heard)}", bank, missing, *heard.refusals)
    return await asking.advance(turn, request, State(topic="financing", request_id=request.id), said)


def _said_back(need: Need, heard: Heard) -> str:
    """What came with the wish, if it is short, so that a mistake is seen; the summary says it by itself."""
    said = asking.acknowledgement(Need(), need, heard) if heard.fields and asking.next_missing(need) else ""
    return said if len(said) <= _SAID_BACK_AT_MOST else ""


async def start_over(turn: Turn) -> Outcome:
    """「重新来」: nothing of the half-filled request is taken over."""
    draft = await asking.draft_of(turn)
    if draft:
        requests.discard(turn.session, draft, turn.now)
    request = await requests.draft(
        turn.session, turn.openid, Need(), turn.now, replaces=draft.replaces if draft else None
    )
    state = State(topic="financing", request_id=request.id)
    return await asking.advance(turn, request, state, "好的，我们从头来。")


def _kept(earlier: RequestRow | None, *, whole: bool) -> Need:
    if earlier is None:
        return Need()
    if whole:
        return earlier.need.model_copy(update={"institutions": ()})
    stays: dict[str, Any] = {name: getattr(earlier.need, name) for name in _OF_THE_FIRM}
    return Need(**stays)


async def _missing(turn: Turn, request: RequestRow) -> str:
    """What the product asked for by name does not allow; at the summary `advance` says it."""
    unfinished = asking.next_missing(request.need)
    return await offers.product_warning(turn, request) if unfinished else ""
