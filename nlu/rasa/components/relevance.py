"""Which facts belong to which wish: 「三个月」 is a term where money is wanted, mere waiting in a complaint.

Where the intent does not settle it, as in a short answer or in what was not understood, a fact stays; and so
it does where the intent is not sure: 「想贷200万买设备，有没有贴息」 asks for both, whichever comes first.
"""

from __future__ import annotations

from collections.abc import Iterable

from components.spans import Span

# Measured on the development set: from here on a wrong intent costs fewer facts than it spares false ones.
SURE = 0.9

_ACCOUNT = {"register_company", "verify_identity", "ask_credit"}
_CONSENT = {"grant_authorization", "revoke_authorization", "ask_authorizations"}
# What an adviser is to talk about says what is wanted: 「聊那笔七十万的」, 「厂房抵押的事，换个真人来讲」.
_CONTACT = {"talk_to_adviser", "schedule_contact"}
_SERVICE = {"rate_service", "complain"}
_FAREWELL = {"thank", "goodbye"}
_NOTICES = {"subscribe_notices", "unsubscribe_notices"}
_POLICIES = {"ask_policy", "apply_policy"}
_REQUESTS = {"ask_progress", "withdraw_request"}
# Nothing is to be borrowed here, whatever sums, times and things are mentioned.
_NOTHING_BORROWED = (
    _ACCOUNT | _CONSENT | _SERVICE | _NOTICES | _FAREWELL | {"report_difficulty", "ask_human_or_bot"}
)
_LOANS = {
    "apply_financing",
    "apply_product",
    "ask_products",
    "ask_rate",
    "ask_requirements",
    "renew_loan",
    "equity_financing",
    "report_difficulty",
}

# Beside these intents such a fact says nothing; beside all others it counts.
_IDLE = {
    "datetime": _LOANS
    | _REQUESTS
    | _POLICIES
    | _ACCOUNT
    | _CONSENT
    | _NOTICES
    | {"rate_service", "complain"},
    "score": _LOANS | _REQUESTS | _POLICIES | _ACCOUNT | _CONSENT | _NOTICES,
    "amount": _NOTHING_BORROWED | _POLICIES,
    "term_months": _NOTHING_BORROWED | _POLICIES | {"withdraw_request"},
    # Who complains of a rate names it: 「合同写5.4%，实际八个点」.
    "rate": (_NOTHING_BORROWED - {"complain"}) | _POLICIES | _REQUESTS,
    # A subsidy asked about is none of the firm's purposes: 「换电车补多少」.
    "purpose": _NOTHING_BORROWED | _POLICIES | _REQUESTS,
    "guarantee": (_NOTHING_BORROWED - {"complain"}) | {"apply_policy"} | _REQUESTS,
    # Who gives shares to investors pledges nothing.
    "collateral": (_NOTHING_BORROWED - {"complain"}) | {"apply_policy", "equity_financing"} | _REQUESTS,
    # Which news are wanted, not what the firm does.
    "industry": _NOTICES | {"ask_human_or_bot"},
}


def relevant(spans: Iterable[Span], intent: str | None, confidence: float) -> list[Span]:
    """Those that say something beside this intent."""
    if confidence < SURE:
        return list(spans)
    return [span for span in spans if intent not in _IDLE.get(span.entity, ())]
