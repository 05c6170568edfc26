"""Requests by institution; indexes for pages and for what waits"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

QUEUED = sa.text("state = 'queued'")
WAITING = sa.text("handled_at IS NULL")

# Both databases take the lists apart themselves: a million requests need not pass through Python.
NAMES_OF = {
    "postgresql": "jsonb_array_elements_text(request.institutions) AS name(value)",
    "sqlite": "json_each(request.institutions) AS name",
}
FILL = """
    INSERT INTO request_institutions (institution, created_at, request_id)
    SELECT DISTINCT name.value, request.created_at, request.id
    FROM financing_requests AS request, {names}
    WHERE length(name.value) <= 60
"""


def upgrade() -> None:
    op.create_table(
        "request_institutions",
        sa.Column("institution", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["financing_requests.id"],
            name=op.f("fk_request_institutions_request_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "institution", "created_at", "request_id", name=op.f("pk_request_institutions")
        ),
    )
    op.execute(FILL.format(names=NAMES_OF[op.get_bind().dialect.name]))
    op.create_index(op.f("ix_request_institutions_request_id"), "request_institutions", ["request_id"])
    op.create_index("ix_requests_created", "financing_requests", ["created_at", "id"])
    op.create_index(
        "ix_deliveries_queued", "deliveries", ["id"], postgresql_where=QUEUED, sqlite_where=QUEUED
    )
    op.drop_index("ix_outbox_waiting", "outbox")
    op.create_index("ix_outbox_waiting", "outbox", ["id"], postgresql_where=WAITING, sqlite_where=WAITING)


def downgrade() -> None:
    op.drop_index("ix_outbox_waiting", "outbox")
    op.create_index("ix_outbox_waiting", "outbox", ["handled_at", "id"])
    op.drop_index("ix_deliveries_queued", "deliveries")
    op.drop_index("ix_requests_created", "financing_requests")
    op.drop_table("request_institutions")
