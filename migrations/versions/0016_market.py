"""The market: follows of requests, their steps, and the owners' ratings"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "request_follows",
        sa.Column("request_id", sa.String(32), nullable=False),
        sa.Column("institution", sa.String(60), nullable=False),
        sa.Column("branch", sa.String(60), nullable=True),
        sa.Column("product", sa.String(64), nullable=True),
        sa.Column("decision_days", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("followed_by", sa.String(80), nullable=False),
        sa.Column("place_at", _MOMENT, nullable=True),
        sa.Column("until", _MOMENT, nullable=True),
        sa.Column("remind_at", _MOMENT, nullable=True),
        sa.Column("decided_at", _MOMENT, nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("term_months", sa.Integer(), nullable=True),
        sa.Column("rate", sa.Numeric(7, 4), nullable=True),
        sa.Column("guarantee", sa.String(32), nullable=True),
        sa.Column("reject_reason", sa.String(32), nullable=True),
        sa.Column("cause", sa.String(32), nullable=True),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("granted_on", sa.Date(), nullable=True),
        sa.Column("loan_id", sa.String(64), nullable=True),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["financing_requests.id"],
            name="fk_request_follows_request_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("request_id", "institution", name="pk_request_follows"),
    )
    op.create_index("ix_follows_institution", "request_follows", ["institution", "state", "updated_at"])
    for name, column in (("ix_follows_until", "until"), ("ix_follows_remind", "remind_at")):
        where = sa.text(f"{column} IS NOT NULL")
        op.create_index(name, "request_follows", [column], postgresql_where=where, sqlite_where=where)
    lent = sa.text("loan_id IS NOT NULL")
    op.create_index(
        "ix_follows_loan",
        "request_follows",
        ["loan_id"],
        unique=True,
        postgresql_where=lent,
        sqlite_where=lent,
    )
    op.create_table(
        "follow_steps",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("request_id", sa.String(32), nullable=False),
        sa.Column("institution", sa.String(60), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("since", _MOMENT, nullable=True),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("before", sa.String(10), nullable=True),
        sa.Column("after", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(32), nullable=True),
        sa.Column("note", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_follow_steps"),
    )
    op.create_index("ix_follow_steps_follow", "follow_steps", ["request_id", "institution"])
    op.create_index("ix_follow_steps_at", "follow_steps", ["at"])
    op.create_table(
        "institution_ratings",
        sa.Column("request_id", sa.String(32), nullable=False),
        sa.Column("institution", sa.String(60), nullable=False),
        sa.Column("openid", sa.String(64), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(500), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["financing_requests.id"],
            name="fk_institution_ratings_request_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("request_id", "institution", name="pk_institution_ratings"),
    )
    op.create_index("ix_institution_ratings_institution", "institution_ratings", ["institution"])
    op.create_index("ix_institution_ratings_openid", "institution_ratings", ["openid"])


def downgrade() -> None:
    op.drop_table("institution_ratings")
    op.drop_table("follow_steps")
    op.drop_table("request_follows")
