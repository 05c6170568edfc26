"""The description of the market's part of the API."""

from typing import Any

from bot.web.api.cases import Closing, Note, Seen
from bot.web.api.claims import Accepting, Paying, Refusing
from bot.web.api.describing import ID, changing, operation, paging, query
from bot.web.api.equity import ToldEvent
from bot.web.api.houses import Named
from bot.web.api.institutions import Reason
from bot.web.api.market import ApprovedTerms, Following, Granting, Rejection
from bot.web.api.reviews import RecommendedList, SeenList
from bot.web.api.webhooks import Span, Subscription
from domain.cases.rules import CaseKind, CasePriority, CaseState
from domain.claims.labels import ClaimState
from domain.equity.labels import EquityRound, EquityStatus
from domain.labels import Industry
from domain.recommending.rules import ReviewState
from domain.saved_filters import NewFilter
from domain.statistics.scope import By as Grouping
from domain.statistics.scope import Level
from domain.webhooks.tables import Event
from domain.webhooks.tables import State as WebhookState

BODIES = (
    Named,
    Following,
    ApprovedTerms,
    Rejection,
    Granting,
    Subscription,
    Span,
    NewFilter,
    Reason,
    ToldEvent,
    Accepting,
    Paying,
    Refusing,
    Seen,
    Note,
    Closing,
)


def _of_reviews() -> dict[str, Any]:
    one = "/reviews/{id}"
    return {
        "/reviews": {
            "get": operation(
                "Lists of products for requests, who has waited longest first",
                query("region"),
                query("state", enum=list(ReviewState)),
                query("mine", type="boolean"),
                *paging(),
            )
        },
        "/reviews/next": {"post": operation("Take the one that has waited longest")},
        one: {
            "get": operation("One list with its steps", ID),
            "put": operation("Another list in its place", ID, body=RecommendedList),
        },
        f"{one}/take": {"post": operation("Have it for a while", ID)},
        f"{one}/finish": {"post": operation("The owner and the institutions are told", ID, body=SeenList)},
    }


def _of_market() -> dict[str, Any]:
    one = "/financing-requests/{id}"
    return {
        f"{one}/follow": {"post": changing("Take a place, or a turn", ID, body=Following, needed=False)},
        f"{one}/leave": {"post": changing("Give the place up", ID, body=Named, needed=False)},
        f"{one}/approve": {"post": changing("Approve with terms", ID, body=ApprovedTerms)},
        f"{one}/reject": {"post": changing("Reject with a reason", ID, body=Rejection)},
        f"{one}/grant": {"post": changing("Record the loan that was paid out", ID, body=Granting)},
    }


def _of_webhooks() -> dict[str, Any]:
    one = "/webhooks/{id}"
    number = ID | {"name": "number"}
    return {
        "/webhooks": {
            "get": operation("Subscriptions that stand, newest first"),
            "post": changing(
                "Subscribe; the answer holds the secret, this once", body=Subscription, status=201
            ),
        },
        one: {"delete": changing("End a subscription", ID)},
        f"{one}/deliveries": {
            "get": operation(
                "What became of each event, newest first",
                ID,
                query("state", enum=list(WebhookState)),
                query("event", enum=list(Event)),
                *paging(),
            )
        },
        f"{one}/deliveries/{{number}}/replay": {"post": changing("Send one again", ID, number)},
        f"{one}/replay": {"post": changing("Send those of a time again", ID, body=Span)},
    }


def _of_saved_filters() -> dict[str, Any]:
    one = "/saved-filters/{id}"
    return {
        "/saved-filters": {
            "get": operation("The client's filters, newest first"),
            "post": changing("Keep a filter", body=NewFilter, status=201),
        },
        one: {
            "put": changing("Put another in its place", ID, body=NewFilter),
            "delete": changing("Delete a filter", ID),
        },
        f"{one}/requests": {"get": operation("Requests that pass, newest first", ID, *paging())},
    }


def _of_institutions() -> dict[str, Any]:
    name = ID | {"name": "name"}
    one = "/institutions/{name}"
    return {
        "/institutions": {"get": operation("All institutions by name, with their branches")},
        one: {"get": operation("One institution, with when it left and entered the market", name)},
        f"{one}/exit": {"post": changing("Take it off the market", name, body=Reason)},
        f"{one}/entry": {"post": changing("Let it back to the market", name, body=Reason)},
    }


def _of_figures() -> dict[str, Any]:
    whole = {"type": "integer", "minimum": 0}
    return {
        "/statistics": {
            "get": operation(
                "What became of requests, follows, loans and registrations",
                query("by", enum=list(Grouping)) | {"required": True},
                query("level", enum=list(Level)),
                query("from", format="date"),
                query("to", format="date"),
                query("region"),
                query("institution"),
                query("industry", enum=list(Industry)),
            )
        },
        "/incentives": {
            "get": operation(
                "What institutions have earned in a year", query("year", **whole), query("institution")
            )
        },
        "/incentives/{year}/close": {
            "post": operation("Keep the report of a year as it is", ID | {"name": "year"})
        },
        "/guarantee-funds/{code}/terms": {
            "get": operation(
                "Shares and fee of a scheme",
                ID | {"name": "code"},
                *(query(name, **whole) for name in ("score", "amount", "term_months")),
            )
        },
        "/guarantee-funds": {"get": operation("How far funds of shared risk are used")},
    }


def _of_equity() -> dict[str, Any]:
    one = "/equity-requests/{id}"
    return {
        "/equity-requests": {
            "get": operation(
                "Equity requests, newest first",
                query("status", enum=list(EquityStatus)),
                query("round", enum=list(EquityRound)),
                query("industry", enum=list(Industry)),
                *paging(),
            )
        },
        one: {"get": operation("One equity request", ID)},
        f"{one}/follow": {"post": operation("Look into it", ID, body=Named)},
        f"{one}/events": {
            "post": operation("Met, a term sheet, money in, or none to come", ID, body=ToldEvent)
        },
        f"{one}/debt-side": {"get": operation("How far lenders are with the company, if it agreed", ID)},
        "/financing-requests/{id}/equity-side": {
            "get": operation("How far investors are with the company, if it agreed", ID)
        },
    }


def _of_claims() -> dict[str, Any]:
    one = "/claims/{id}"
    return {
        "/claims": {
            "get": operation(
                "Claims of policies, newest first",
                query("state", enum=list(ClaimState)),
                query("policy"),
                *paging(),
            )
        },
        f"{one}/accept": {"post": operation("The office took it on", ID, body=Accepting)},
        f"{one}/grant": {"post": operation("The office said yes", ID, body=Paying)},
        f"{one}/refuse": {"post": operation("The office said no", ID, body=Refusing)},
    }


def _of_cases() -> dict[str, Any]:
    one = "/cases/{id}"
    return {
        "/cases": {
            "get": operation(
                "Renewals and difficulties, what is to be answered first comes first",
                query("state", enum=list(CaseState)),
                query("kind", enum=list(CaseKind)),
                query("priority", enum=list(CasePriority)),
                *paging(),
            )
        },
        one: {"get": operation("One case with its loan and its steps", ID)},
        f"{one}/take": {"post": operation("Take it on", ID, body=Seen)},
        f"{one}/note": {"post": operation("Write to the owner", ID, body=Note)},
        f"{one}/close": {"post": operation("Close it with a last word", ID, body=Closing)},
    }


def paths() -> dict[str, Any]:
    """Each call with its parameters and bodies."""
    parts = (
        _of_reviews(),
        _of_market(),
        _of_webhooks(),
        _of_saved_filters(),
        _of_institutions(),
        _of_figures(),
        _of_equity(),
        _of_claims(),
        _of_cases(),
    )
    return {path: calls for part in parts for path, calls in part.items()}
