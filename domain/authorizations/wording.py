"""The texts that are agreed to: files with a version, filled in for who reads them, known by their SHA-256.

A file never changes once people have agreed to it: another wording is another version. `texts/versions.json`
holds the hash of every file, and a test compares.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from hashlib import sha256
from pathlib import Path
from string import Template

from domain.authorizations.consents import Consent
from domain.authorizations.labels import PLATFORM, Category, DataPurpose, Kind
from domain.authorizations.rules import Rules
from domain.labels import Label

FOLDER = Path(__file__).parent / "texts"
VERSIONS = FOLDER / "versions.json"


@dataclass(frozen=True, slots=True)
class ConsentText:
    """What is read before the tick, in Markdown; `hash` is the SHA-256 of exactly this."""

    kind: Kind
    version: int
    values: Mapping[str, str]
    text: str

    @property
    def hash(self) -> str:
        return fingerprint(self.text)


def fingerprint(text: str) -> str:
    return sha256(text.encode()).hexdigest()


@cache
def pinned() -> Mapping[Kind, Mapping[int, str]]:
    """The hashes of all files there ever were, by kind and version."""
    found = json.loads(VERSIONS.read_text("utf-8"))
    return {Kind(kind): {int(version): value for version, value in of.items()} for kind, of in found.items()}


def latest(kind: Kind) -> int:
    return max(pinned()[kind])


@cache
def template(kind: Kind, version: int) -> str:
    """The file as it stands.

    Raises:
        FileNotFoundError: there never was that version.
    """
    return (FOLDER / f"{kind}-{version}.md").read_text("utf-8")


def filled(kind: Kind, version: int, values: Mapping[str, str]) -> ConsentText:
    """The text as it was read, from what was stored with an authorization."""
    return ConsentText(kind, version, values, Template(template(kind, version)).substitute(values))


def shown(consent: Consent, rules: Rules, *, company: str = "") -> ConsentText:
    """The latest text of the kind, for this consent; `company` is its name, empty where there is none."""
    values = {
        "company": company,
        "uscc": consent.uscc or "",
        "operator": rules.operator,
        "contact": rules.contact,
        "recipient": rules.operator if consent.recipient == PLATFORM else consent.recipient,
        "scope": _listed(Category, consent.scope),
        "purposes": _listed(DataPurpose, consent.purposes),
        "days": str(consent.days),
        "kept": str(rules.records_days),
    }
    return filled(consent.kind, latest(consent.kind), values)


def _listed(labels: type[Label], chosen: Collection[StrEnum]) -> str:
    return "、".join(label.label for label in labels if label in chosen)
