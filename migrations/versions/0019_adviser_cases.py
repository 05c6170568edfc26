"""Cases for the advisers: renewals and difficulties"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_OPEN_OF_LOAN = sa.text("state <> 'closed' AND loan_id IS NOT NULL")
_OPEN_WITHOUT = sa.text("state <> 'closed' AND loan_id IS NULL")


def upgrade() -> None:
    _create_cases()
    op.create_table(
        "adviser_case_steps",
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("before", sa.String(8), nullable=True),
        sa.Column("after", sa.String(8), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["adviser_cases.id"],
            name="fk_adviser_case_steps_case_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("case_id", "number", name="pk_adviser_case_steps"),
    )


def _create_cases() -> None:
    op.create_table(
        "adviser_cases",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("priority", sa.String(8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("openid", sa.String(64), nullable=False),
        sa.Column("uscc", sa.String(18), nullable=True),
        sa.Column("company", sa.String(120), nullable=True),
        sa.Column("region", sa.String(6), nullable=True),
        sa.Column("loan_id", sa.String(64), nullable=True),
        sa.Column("institution", sa.String(60), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("term_months", sa.Integer(), nullable=True),
        sa.Column("words", sa.String(500), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_by", sa.String(80), nullable=True),
        sa.Column("adviser", sa.String(60), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(16), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_adviser_cases"),
    )
    op.create_index("ix_adviser_cases_queue", "adviser_cases", ["state", "answer_by", "id"])
    op.create_index("ix_adviser_cases_answer_by", "adviser_cases", ["answer_by", "id"])
    op.create_index("ix_adviser_cases_openid", "adviser_cases", ["openid", "opened_at"])
    op.create_index("ix_adviser_cases_closed_at", "adviser_cases", ["closed_at"])
    for name, column, condition in (
        ("uq_adviser_cases_loan", "loan_id", _OPEN_OF_LOAN),
        ("uq_adviser_cases_person", "openid", _OPEN_WITHOUT),
    ):
        op.create_index(
            name,
            "adviser_cases",
            [column, "kind"],
            unique=True,
            postgresql_where=condition,
            sqlite_where=condition,
        )


def downgrade() -> None:
    op.drop_table("adviser_case_steps")
    op.drop_table("adviser_cases")
