"""Scores of companies"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

CHANGED = sa.text("changed_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "credit_scores",
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("checksum", sa.String(length=64), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("band", sa.String(length=60), nullable=True),
        sa.Column("pd", sa.Double(), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("why_none", sa.String(length=60), nullable=True),
        sa.Column("explanation", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("uscc", "since", name=op.f("pk_credit_scores")),
    )
    op.create_table(
        "credit_score_marks",
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scored_for", sa.Date(), nullable=True),
        sa.Column("checksum", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("uscc", name=op.f("pk_credit_score_marks")),
    )
    op.create_index(
        "ix_credit_score_marks_changed",
        "credit_score_marks",
        ["changed_at"],
        postgresql_where=CHANGED,
        sqlite_where=CHANGED,
    )


def downgrade() -> None:
    op.drop_table("credit_score_marks")
    op.drop_table("credit_scores")
