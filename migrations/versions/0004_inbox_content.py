"""What the inbox keeps of pushes of unknown kinds; messages that wait for their answer"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("content", JSON, nullable=True))

    op.create_table(
        "parked_messages",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_parked_messages")),
    )
    with op.batch_alter_table("parked_messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_parked_messages_due_at"), ["due_at"], unique=False)


def downgrade() -> None:
    op.drop_table("parked_messages")

    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_column("content")
