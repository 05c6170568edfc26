"""Deletions of personal data, and an index to find whose time is up"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TIME = sa.DateTime(timezone=True)
LEFT = sa.text("unfollowed_at IS NOT NULL")
UNDER_WAY = sa.text("completed_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "deletions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("look_at", TIME, nullable=True),
        sa.Column("completed_at", TIME, nullable=True),
        sa.Column("removed", JSON, nullable=False),
        sa.Column("kept", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deletions")),
    )
    op.create_index(
        "ix_deletions_look", "deletions", ["look_at"], postgresql_where=UNDER_WAY, sqlite_where=UNDER_WAY
    )
    op.create_index(op.f("ix_deletions_asked_at"), "deletions", ["asked_at"])
    op.create_index(op.f("ix_deletions_person"), "deletions", ["person"])
    op.create_index(
        "uq_deletions_under_way",
        "deletions",
        ["openid"],
        unique=True,
        postgresql_where=UNDER_WAY,
        sqlite_where=UNDER_WAY,
    )
    op.create_index(
        "ix_people_unfollowed", "people", ["unfollowed_at"], postgresql_where=LEFT, sqlite_where=LEFT
    )


def downgrade() -> None:
    op.drop_index("ix_people_unfollowed", "people")
    op.drop_table("deletions")
