"""Every table of the house: what it holds of people, or why it holds nothing of them."""

from collections.abc import Mapping

from domain.personal_data.affairs import AFFAIRS
from domain.personal_data.companies import COMPANIES
from domain.personal_data.holding import Holding
from domain.personal_data.market import MARKET
from domain.personal_data.persons import PERSONS
from domain.personal_data.recommendations import RECOMMENDATIONS

# In the order in which rows are deleted; `company_members` and `people` stand at the end of it.
HOLDINGS: tuple[Holding, ...] = (*COMPANIES, *MARKET, *RECOMMENDATIONS, *AFFAIRS, *PERSONS)

# Of people, but found by nobody's name, and gone by itself soon: what, and after how long.
PASSING: Mapping[str, tuple[str, str]] = {
    "parked_messages": (
        "a message, encrypted, between its arrival and its answer",
        "a minute, at most a day",
    ),
    "idempotency_keys": (
        "answers to calls of other systems, encrypted, for calls that are sent again",
        "a day",
    ),
    "company_changes": (
        "in which order companies' facts changed; of changed ones the facts as they were before",
        "seconds, until somebody looked at what opened up",
    ),
    "outbox": ("events, with ids and for some the openid", "`retention.outbox_days` after they were handled"),
    "webhook_deliveries": (
        "events for the systems of institutions, with ids of requests and nothing else of people",
        "`retention.deliveries_days`",
    ),
    "template_receipts": ("what WeChat said became of a message, by its number", "`retention.receipts_days`"),
}

IMPERSONAL: Mapping[str, str] = {
    "api_clients": "programs of institutions and offices, not people; of their tokens a hash",
    "catalogue_state": "one row: which version of the catalogue there is",
    "credit_batches": "which batches a source sent, and the counts it got back",
    "credit_score_marks": "which companies are to be scored",
    "credit_service_ratings": "what institutions think of reports, by the institution's client",
    "incentive_years": "what institutions are paid for a year's business; loans by number, no companies",
    "institution_branches": "names and regions of branches",
    "institution_steps": "when institutions were taken off the market or let back, by whom and why",
    "institutions": "names and descriptions of institutions",
    "policies": "published texts",
    "products": "published texts",
    "saved_filters": "what requests an institution's program looks for",
    "webhooks": "addresses of institutions' systems; the secret for signatures, encrypted",
    "unlabelled": "sentences without figures of people, whose they are is not kept",
}
