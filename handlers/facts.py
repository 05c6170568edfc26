"""From what was understood to changes of a financing need, each figure checked."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from domain import limits, regions
from domain.companies import CompanyFacts
from domain.errors import ValueOutOfRange
from domain.labels import Collateral, Guarantee, Industry, Purpose, Qualification
from domain.needs import Need
from handlers.turn import Field
from nlu.understanding import Entity, Understanding

_NAMED_INSTITUTION = re.compile(r"只要|只找|指定|就找|就要|[改换][成为]?|向|找|跟|最好是?|优先|首选|希望是?")
# 「想在农行贷50万」, but not 「还农行的贷款」.
_WISHED_AFTER = re.compile(r"^(?:的|那边|那里)*(?:贷|借|办|申请|融)")
_OWED_BEFORE = re.compile(r"[还欠]了?$")
_PURPOSE_TEXT_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Heard:
    """What a message says: changes by field of `Need` and `CompanyFacts`, and what had to be refused.

    `refusals` are the sentences for the owner, `refused` the names of the figures that they are about.
    """

    need: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    fields: frozenset[Field] = frozenset()
    refusals: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.need or self.facts or self.refusals)

    def tells_of(self, asked: Field) -> bool:
        """Whether a field was said, be it with a figure that had to be refused."""
        return asked in self.fields or asked.value in self.refused


def hear(understanding: Understanding) -> Heard:
    """Every fact about the request and the firm in one message."""
    need: dict[str, Any] = {}
    refusals: list[ValueOutOfRange] = []
    fields: set[Field] = set()
    for asked, reader in _READERS.items():
        try:
            changes = reader(understanding)
        except ValueOutOfRange as refusal:
            refusals.append(refusal)
            continue
        if changes:
            need |= changes
            fields.add(asked)
    for reader in (_rate, _institutions):
        try:
            need |= reader(understanding)
        except ValueOutOfRange as refusal:
            refusals.append(refusal)
    return Heard(
        need,
        _firm(understanding),
        frozenset(fields),
        tuple(refusal.sentence for refusal in refusals),
        tuple(refusal.field for refusal in refusals),
    )


def joined(*parts: str) -> str:
    """What is said, a line each; nothing for what is empty."""
    return "\n".join(part for part in parts if part)


def merged(need: Need, heard: Heard, *, replacing: bool) -> Need:
    """The need with the changes; what was said last counts, lists grow unless something is corrected."""
    changes = dict(heard.need)
    if not replacing:
        for name in ("guarantee", "collateral", "institutions"):
            if name in changes:
                changes[name] = tuple(dict.fromkeys((*(getattr(need, name) or ()), *changes[name])))
    elif "guarantee" in changes and "collateral" not in changes:
        # Another way of securing the loan makes what was offered before pointless.
        changes["collateral"] = None
    return Need.model_validate(need.model_dump() | changes)


def merged_facts(facts: CompanyFacts, heard: Heard) -> CompanyFacts:
    changes = dict(heard.facts)
    if "qualifications" in changes:
        changes["qualifications"] = tuple(
            dict.fromkeys((*(facts.qualifications or ()), *changes["qualifications"]))
        )
    return CompanyFacts.model_validate(facts.model_dump() | changes)


def bounds(understanding: Understanding, name: str) -> tuple[int | None, int | None] | None:
    """Lower and upper figure of an entity: equal for a single figure, None where only one side is known."""
    low = _last(understanding, name, "min")
    high = _last(understanding, name, "max")
    if low is None and high is None:
        single = _last(understanding, name, None)
        return None if single is None else (single, single)
    if low is not None and high is not None and low > high:
        low, high = high, low
    return low, high


def _last(understanding: Understanding, name: str, role: str | None) -> int | None:
    """Who says two figures has changed his mind: the last one counts."""
    values = [entity.value for entity in understanding.all(name) if entity.role == role]
    return int(values[-1]) if values else None


def _amount(understanding: Understanding) -> dict[str, Any]:
    found = bounds(understanding, "amount")
    if found is None:
        return {}
    for amount in found:
        if amount is not None:
            limits.check_amount(amount)
    return {"amount_min": found[0], "amount_max": found[1]}


def _term(understanding: Understanding) -> dict[str, Any]:
    found = bounds(understanding, "term_months")
    if found is None:
        return {}
    for term in found:
        if term is not None:
            limits.check_term(term)
    return {"term_min_months": found[0], "term_months": found[1]}


def _purpose(understanding: Understanding) -> dict[str, Any]:
    entities = tuple(entity for entity in understanding.all("purpose") if entity.value in set(Purpose))
    if not entities:
        return {}
    if understanding.intent.name == "correct":
        # 「买设备，不，是发工资」: what was said last counts.
        entities = entities[::-1]
    chosen = next((entity for entity in entities if entity.value != "other"), entities[0])
    return {"purpose": str(chosen.value), "purpose_text": _words(understanding, chosen)}


def _guarantee(understanding: Understanding) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if guarantees := _values(understanding, "guarantee"):
        changes["guarantee"] = guarantees
    if collaterals := _values(understanding, "collateral"):
        changes["collateral"] = collaterals
    return changes


def _region(understanding: Understanding) -> dict[str, Any]:
    codes = _values(understanding, "region")
    # 「江苏昆山」 names two: the narrower one says more.
    return {"region": min(codes, key=lambda code: code.endswith("00"))} if codes else {}


def _industry(understanding: Understanding) -> dict[str, Any]:
    industries = _values(understanding, "industry")
    return {"industry": industries[0]} if industries else {}


def _rate(understanding: Understanding) -> dict[str, Any]:
    rates = [entity.value for entity in understanding.all("rate") if entity.role != "min"]
    if not rates:
        return {}
    rate = Decimal(str(rates[-1]))
    limits.check_rate(rate)
    return {"rate_max": rate}


def _institutions(understanding: Understanding) -> dict[str, Any]:
    """Only who asks for an institution limits himself to it; many are just mentioned."""
    wished = understanding.intent.name in {"apply_financing", "apply_product", "inform", "correct"}
    named = understanding.all("institution")
    if not (named and wished and any(_wishes_for(understanding.text, entity) for entity in named)):
        return {}
    return {"institutions": _values(understanding, "institution")}


def _wishes_for(text: str, institution: Entity) -> bool:
    if _NAMED_INSTITUTION.search(text):
        return True
    owed = _OWED_BEFORE.search(text[: institution.start])
    return not owed and _WISHED_AFTER.match(text[institution.end :]) is not None


def _firm(understanding: Understanding) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if founded := understanding.all("founded"):
        facts["founded"] = str(founded[-1].value)
    for name in ("revenue", "employees"):
        if found := bounds(understanding, name):
            facts[name] = found[0] if found[0] is not None else found[1]
    if qualifications := _values(understanding, "qualification"):
        facts["qualifications"] = qualifications
    return _credible(facts)


def _credible(facts: dict[str, Any]) -> dict[str, Any]:
    """Without figures that no firm has: those were misheard."""
    try:
        CompanyFacts.model_validate(facts)
    except ValidationError as error:
        wrong = {item["loc"][0] for item in error.errors()}
        return {name: value for name, value in facts.items() if name not in wrong}
    return facts


def _values(understanding: Understanding, name: str) -> tuple[str, ...]:
    """Each value once; what is no label of ours comes from a model of another release, and is left out."""
    values = dict.fromkeys(str(entity.value) for entity in understanding.all(name))
    if name == "region":
        return tuple(filter(regions.exists, values))
    known = _LABELS.get(name)
    return tuple(value for value in values if known is None or value in known)


def _words(understanding: Understanding, entity: Entity) -> str:
    return understanding.text[entity.start : entity.end].strip()[:_PURPOSE_TEXT_LIMIT]


_LABELS: dict[str, frozenset[str]] = {
    "guarantee": frozenset(Guarantee),
    "collateral": frozenset(Collateral),
    "industry": frozenset(Industry),
    "qualification": frozenset(Qualification),
}

_READERS: dict[Field, Callable[[Understanding], dict[str, Any]]] = {
    Field.AMOUNT: _amount,
    Field.PURPOSE: _purpose,
    Field.TERM: _term,
    Field.GUARANTEE: _guarantee,
    Field.REGION: _region,
    Field.INDUSTRY: _industry,
}
