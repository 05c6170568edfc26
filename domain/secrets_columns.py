"""Which columns hold ciphertexts: what a change of key has to reach.

Tables are named, not imported: they belong to modules that import `domain.secrets` themselves.
"""

from dataclasses import dataclass

from sqlalchemy import Column, Table

from domain.base import Row


@dataclass(frozen=True, slots=True)
class Sealed:
    """A column of ciphertexts, all for one purpose; `index` is its blind index, made for `index_purpose`.

    `portion` is how many are sealed anew in one transaction: some ten milliseconds, for which SQLite's other
    writers wait, and few megabytes.
    """

    table: str
    column: str
    purpose: str
    index: str | None = None
    index_purpose: str = ""
    portion: int = 200

    @property
    def name(self) -> str:
        return f"{self.table}.{self.column}"

    @property
    def of(self) -> Table:
        return Row.metadata.tables[self.table]

    @property
    def sealed(self) -> Column[bytes | None]:
        return self.of.c[self.column]

    @property
    def found_by(self) -> Column[str | None] | None:
        return self.of.c[self.index] if self.index else None


SEALED = (
    Sealed("companies", "contact", "contact"),
    Sealed("companies", "phone", "phone"),
    Sealed("parked_messages", "content", "parked message"),
    Sealed("registrations", "contact", "contact"),
    Sealed("registrations", "phone", "phone"),
    Sealed("identity_materials", "content", "identity_material", portion=4),
    Sealed("idempotency_keys", "answer", "idempotent answer"),
    Sealed("webhooks", "secret", "webhook_secret"),
    Sealed("verified_people", "name", "identity_name"),
    Sealed("verified_people", "id_number", "id_number", index="id_number_index", index_purpose="id_number"),
    Sealed("identity_verifications", "name", "identity_name"),
    Sealed("identity_verifications", "id_number", "id_number"),
    Sealed("identity_verifications", "token", "identity_token"),
)
