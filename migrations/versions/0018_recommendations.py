"""Reviews, recommendations, and letters that can be taken back or gathered"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)
_DUE = sa.text("due_at IS NOT NULL")
_ABOUT = sa.text("about IS NOT NULL")


def upgrade() -> None:
    op.add_column(
        "financing_requests",
        sa.Column("review_first", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    _create_reviews()
    _create_lists()
    op.add_column("deliveries", sa.Column("about", sa.String(length=40), nullable=True))
    op.create_index(
        "ix_deliveries_about",
        "deliveries",
        ["about"],
        postgresql_where=_ABOUT,
        sqlite_where=_ABOUT,
    )


def downgrade() -> None:
    op.drop_index("ix_deliveries_about", table_name="deliveries")
    op.drop_column("deliveries", "about")
    for table in ("review_steps", "request_invitations", "recommendations", "request_reviews"):
        op.drop_table(table)
    op.drop_column("financing_requests", "review_first")


def _create_reviews() -> None:
    op.create_table(
        "request_reviews",
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("claimed_until", _TIME, nullable=True),
        sa.Column("taken_by", sa.String(length=80), nullable=True),
        sa.Column("taken_until", _TIME, nullable=True),
        sa.Column("due_at", _TIME, nullable=True),
        sa.Column("sent_at", _TIME, nullable=True),
        sa.Column("finished_by", sa.String(length=80), nullable=True),
        sa.Column("finished_at", _TIME, nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["financing_requests.id"],
            name=op.f("fk_request_reviews_request_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_request_reviews")),
    )
    op.create_index("ix_reviews_due", "request_reviews", ["due_at"], postgresql_where=_DUE, sqlite_where=_DUE)
    op.create_index("ix_reviews_state", "request_reviews", ["state", "created_at", "request_id"])


def _create_lists() -> None:
    op.create_table(
        "recommendations",
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("product", sa.String(length=64), nullable=False),
        sa.Column("institution", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("found_rank", sa.Integer(), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("reasons", _JSON, nullable=False),
        sa.Column("open", _JSON, nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("struck_reason", sa.String(length=200), nullable=True),
        sa.Column("changed_by", sa.String(length=80), nullable=True),
        sa.Column("changed_at", _TIME, nullable=False),
        _of_review("recommendations"),
        sa.PrimaryKeyConstraint("request_id", "product", name=op.f("pk_recommendations")),
    )
    op.create_index("ix_recommendations_institution", "recommendations", ["institution"])
    op.create_table(
        "request_invitations",
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("institution", sa.String(length=60), nullable=False),
        sa.Column("product", sa.String(length=64), nullable=True),
        sa.Column("at", _TIME, nullable=False),
        _of_review("request_invitations"),
        sa.PrimaryKeyConstraint("request_id", "institution", name=op.f("pk_request_invitations")),
    )
    op.create_table(
        "review_steps",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("act", sa.String(length=10), nullable=False),
        sa.Column("detail", _JSON, nullable=False),
        _of_review("review_steps"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_steps")),
    )
    op.create_index("ix_review_steps_request_id", "review_steps", ["request_id"])


def _of_review(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["request_id"],
        ["request_reviews.request_id"],
        name=op.f(f"fk_{table}_request_id"),
        ondelete="CASCADE",
    )
