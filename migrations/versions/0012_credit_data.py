"""Credit data of companies"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _values()
    _documents_and_batches()
    _objections()
    _services()


def _values() -> None:
    op.create_table(
        "credit_values",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("indicator", sa.String(length=64), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("value", _JSON, nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("batch_id", sa.String(length=64), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("bad_until", sa.Date(), nullable=True),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("received_at", _TIME, nullable=False),
        sa.Column("superseded_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_values")),
    )
    _partial(
        "uq_credit_values_current", "uscc", "indicator", "as_of", where="superseded_at IS NULL", unique=True
    )
    _partial("ix_credit_values_bad_until", "bad_until", where="bad_until IS NOT NULL")
    _partial("ix_credit_values_superseded_at", "superseded_at", where="superseded_at IS NOT NULL")


def _documents_and_batches() -> None:
    op.create_table(
        "credit_documents",
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("disputed", _JSON, nullable=False),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("uscc", "category", name=op.f("pk_credit_documents")),
    )
    op.create_index(
        "ix_credit_documents_stale",
        "credit_documents",
        ["stale"],
        postgresql_where=sa.text("stale"),
        sqlite_where=sa.text("stale = 1"),
    )
    op.create_table(
        "credit_batches",
        sa.Column("sender", sa.String(length=64), nullable=False),
        sa.Column("batch_id", sa.String(length=64), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("answer", _JSON, nullable=False),
        sa.Column("received_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("sender", "batch_id", name=op.f("pk_credit_batches")),
    )
    op.create_index(op.f("ix_credit_batches_received_at"), "credit_batches", ["received_at"])


def _objections() -> None:
    op.create_table(
        "credit_objections",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("value_id", sa.BigInteger(), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("indicator", sa.String(length=64), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.String(length=80), nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("asked_at", _TIME, nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("closed_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_objections")),
    )
    _partial(
        "uq_credit_objections_open",
        "value_id",
        table="credit_objections",
        where="closed_at IS NULL",
        unique=True,
    )
    for column in ("uscc", "closed_at"):
        op.create_index(op.f(f"ix_credit_objections_{column}"), "credit_objections", [column])
    op.create_index("ix_credit_objections_created", "credit_objections", ["created_at", "id"])


def _services() -> None:
    op.create_table(
        "credit_service_reports",
        sa.Column("service", sa.String(length=60), nullable=False),
        sa.Column("report_id", sa.String(length=64), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("scale", sa.String(length=40), nullable=True),
        sa.Column("grade", sa.String(length=20), nullable=True),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("received_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("service", "report_id", name=op.f("pk_credit_service_reports")),
    )
    for column in ("uscc", "received_at"):
        op.create_index(op.f(f"ix_credit_service_reports_{column}"), "credit_service_reports", [column])
    op.create_table(
        "credit_service_ratings",
        sa.Column("service", sa.String(length=60), nullable=False),
        sa.Column("report_id", sa.String(length=64), nullable=False),
        sa.Column("rater", sa.String(length=60), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("rated_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("service", "report_id", "rater", name=op.f("pk_credit_service_ratings")),
    )


def _partial(
    name: str, *columns: str, where: str, table: str = "credit_values", unique: bool = False
) -> None:
    condition = sa.text(where)
    op.create_index(
        name, table, list(columns), unique=unique, postgresql_where=condition, sqlite_where=condition
    )


def downgrade() -> None:
    for table in (
        "credit_service_ratings",
        "credit_service_reports",
        "credit_objections",
        "credit_batches",
        "credit_documents",
        "credit_values",
    ):
        op.drop_table(table)
