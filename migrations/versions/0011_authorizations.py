"""Consents to use data, and every access under them"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TIME = sa.DateTime(timezone=True)
STANDING = sa.text("ended_at IS NULL")
PERSONAL = sa.text("ended_at IS NULL AND uscc IS NULL")
TO_TELL = sa.text("next_notice_at IS NOT NULL")
CORRECTING = sa.text("corrects IS NOT NULL")
# All seven categories, the first purpose.
ALL_CATEGORIES, MATCHING = 127, 1
TERM, REMINDED_BEFORE = timedelta(days=365), timedelta(days=7)


def upgrade() -> None:
    _create_authorizations()
    _create_accesses()
    _make_final()
    _take_over_enrolled()


def _create_authorizations() -> None:
    op.create_table(
        "authorizations",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=True),
        sa.Column("openid", sa.String(length=64), nullable=True),
        sa.Column("recipient", sa.String(length=60), nullable=False),
        sa.Column("scope", sa.Integer(), nullable=False),
        sa.Column("purposes", sa.Integer(), nullable=False),
        sa.Column("given_at", TIME, nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("ended_by", sa.String(length=64), nullable=True),
        sa.Column("replaced_by", sa.String(length=32), nullable=True),
        sa.Column("next_notice_at", TIME, nullable=True),
        sa.Column("ticket", sa.String(length=64), nullable=False),
        sa.Column("evidence", sa.String(length=64), nullable=False),
        sa.Column("text_version", sa.Integer(), nullable=True),
        sa.Column("text_hash", sa.String(length=64), nullable=True),
        sa.Column("text_values", JSON, nullable=True),
        sa.Column("ip", sa.String(length=45), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorizations")),
        sa.UniqueConstraint("ticket", name=op.f("uq_authorizations_ticket")),
    )
    _index("uq_authorizations_standing", ["uscc", "kind", "recipient"], STANDING, unique=True)
    _index("uq_authorizations_standing_personal", ["openid", "kind", "recipient"], PERSONAL, unique=True)
    _index("ix_authorizations_next_notice", ["next_notice_at"], TO_TELL)
    op.create_index("ix_authorizations_recipient_uscc", "authorizations", ["recipient", "uscc"])
    for column in ("openid", "until", "uscc"):
        op.create_index(op.f(f"ix_authorizations_{column}"), "authorizations", [column])


def _index(name: str, columns: list[str], where: sa.TextClause, *, unique: bool = False) -> None:
    op.create_index(
        name, "authorizations", columns, unique=unique, postgresql_where=where, sqlite_where=where
    )


def _create_accesses() -> None:
    op.create_table(
        "accesses",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("reader_kind", sa.String(length=16), nullable=False),
        sa.Column("reader", sa.String(length=60), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("scope", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("authorization_id", sa.String(length=32), nullable=True),
        sa.Column("corrects", sa.BigInteger(), nullable=True),
        sa.Column("trace", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accesses")),
    )
    op.create_index(op.f("ix_accesses_at"), "accesses", ["at"])
    op.create_index("ix_accesses_uscc_id", "accesses", ["uscc", "id"])
    op.create_index(
        "ix_accesses_corrects",
        "accesses",
        ["corrects"],
        unique=True,
        postgresql_where=CORRECTING,
        sqlite_where=CORRECTING,
    )


def _make_final() -> None:
    """Who looked at what stays as it was written, whatever statement is sent."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER accesses_are_final BEFORE UPDATE ON accesses "
            "BEGIN SELECT RAISE(ABORT, 'accesses are final'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION accesses_are_final() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'accesses are final'; END $$"
    )
    op.execute(
        "CREATE TRIGGER accesses_are_final BEFORE UPDATE ON accesses "
        "FOR EACH ROW EXECUTE FUNCTION accesses_are_final()"
    )


def _take_over_enrolled() -> None:
    """Companies that came from another platform had agreed to matching there."""
    companies = sa.table("companies", sa.column("uscc"), sa.column("enrolled", sa.Boolean()))
    now = datetime.now(UTC)
    given = {
        "id": sa.literal("AUIMPORT-").concat(companies.c.uscc),
        "kind": sa.literal("credit_data"),
        "uscc": companies.c.uscc,
        "recipient": sa.literal("platform"),
        "scope": sa.literal(ALL_CATEGORIES),
        "purposes": sa.literal(MATCHING),
        "given_at": sa.literal(now, TIME),
        "until": sa.literal(now + TERM, TIME),
        "next_notice_at": sa.literal(now + TERM - REMINDED_BEFORE, TIME),
        "ticket": sa.literal("import:").concat(companies.c.uscc),
        "evidence": sa.literal("import"),
    }
    target = sa.table("authorizations", *(sa.column(name) for name in given))
    enrolled = sa.select(*given.values()).where(companies.c.enrolled.is_(True))
    op.execute(target.insert().from_select(list(given), enrolled))


def downgrade() -> None:
    op.drop_table("accesses")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION accesses_are_final()")
    op.drop_table("authorizations")
