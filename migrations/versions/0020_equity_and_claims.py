"""Equity requests with their institutions, and claims of policies."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)
_OPEN = sa.text("status IN ('published', 'followed', 'met', 'term_sheet')")
_PREPARING = sa.text("state = 'preparing'")


def upgrade() -> None:
    _equity()
    _claims()


def _equity() -> None:
    op.create_table(
        "equity_requests",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=True),
        sa.Column("company", sa.String(length=120), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("round", sa.String(length=8), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("share", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("industry", sa.String(length=1), nullable=True),
        sa.Column("region", sa.String(length=6), nullable=True),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("published_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equity_requests")),
    )
    op.create_index("ix_equity_requests_openid", "equity_requests", ["openid", "created_at"])
    op.create_index("ix_equity_requests_created", "equity_requests", ["created_at", "id"])
    op.create_index("ix_equity_requests_status", "equity_requests", ["status", "updated_at"])
    op.create_index("ix_equity_requests_uscc", "equity_requests", ["uscc"])
    op.create_index(
        "uq_equity_requests_open",
        "equity_requests",
        ["uscc"],
        unique=True,
        postgresql_where=_OPEN,
        sqlite_where=_OPEN,
    )
    op.create_table(
        "equity_follows",
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("institution", sa.String(length=60), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("followed_by", sa.String(length=80), nullable=False),
        sa.Column("followed_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=16), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["equity_requests.id"],
            name=op.f("fk_equity_follows_request_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("request_id", "institution", name=op.f("pk_equity_follows")),
    )
    op.create_index(op.f("ix_equity_follows_institution"), "equity_follows", ["institution"])
    op.create_table(
        "equity_steps",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("institution", sa.String(length=60), nullable=True),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("before", sa.String(length=16), nullable=True),
        sa.Column("after", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["equity_requests.id"],
            name=op.f("fk_equity_steps_request_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equity_steps")),
    )
    op.create_index(op.f("ix_equity_steps_request_id"), "equity_steps", ["request_id"])


def _claims() -> None:
    op.create_table(
        "policy_claims",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("policy", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("ticked", _JSON, nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("told_deadline", sa.Date(), nullable=True),
        sa.Column("told_days", sa.Integer(), nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_claims")),
    )
    op.create_index("uq_policy_claims_company_policy", "policy_claims", ["uscc", "policy"], unique=True)
    op.create_index("ix_policy_claims_openid", "policy_claims", ["openid"])
    op.create_index("ix_policy_claims_state", "policy_claims", ["state", "updated_at"])
    op.create_index("ix_policy_claims_created", "policy_claims", ["created_at", "id"])
    op.create_index(
        "ix_policy_claims_preparing",
        "policy_claims",
        ["id"],
        postgresql_where=_PREPARING,
        sqlite_where=_PREPARING,
    )
    op.create_table(
        "policy_claim_steps",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("claim_id", sa.String(length=32), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("before", sa.String(length=12), nullable=True),
        sa.Column("after", sa.String(length=12), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_id"],
            ["policy_claims.id"],
            name=op.f("fk_policy_claim_steps_claim_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_claim_steps")),
    )
    op.create_index(op.f("ix_policy_claim_steps_claim_id"), "policy_claim_steps", ["claim_id"])


def downgrade() -> None:
    for table in ("policy_claim_steps", "policy_claims", "equity_steps", "equity_follows", "equity_requests"):
        op.drop_table(table)
