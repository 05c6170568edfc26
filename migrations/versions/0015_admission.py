"""Requests that wait for who asks to be known"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_WAITING = sa.text("confirmed_at IS NOT NULL AND status = 'draft'")


def upgrade() -> None:
    op.add_column("financing_requests", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_requests_uscc", "financing_requests", ["uscc"])
    op.create_index(
        "ix_requests_waiting",
        "financing_requests",
        ["openid"],
        postgresql_where=_WAITING,
        sqlite_where=_WAITING,
    )


def downgrade() -> None:
    op.drop_index("ix_requests_waiting", "financing_requests")
    op.drop_index("ix_requests_uscc", "financing_requests")
    op.drop_column("financing_requests", "confirmed_at")
