"""Indexes by which what is over is found when its time is up"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

HANDLED = sa.text("handled_at IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_outbox_handled", "outbox", ["handled_at"], postgresql_where=HANDLED, sqlite_where=HANDLED
    )
    op.create_index(op.f("ix_template_receipts_received_at"), "template_receipts", ["received_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_template_receipts_received_at"), "template_receipts")
    op.drop_index("ix_outbox_handled", "outbox")
