"""Who a person is, and how that was checked"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_OPEN = sa.text("state IN ('begun', 'in_review')")


def upgrade() -> None:
    op.create_table(
        "verified_people",
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("id_number", sa.LargeBinary(), nullable=False),
        sa.Column("id_number_index", sa.String(length=64), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("evidence", sa.String(length=32), nullable=False),
        sa.Column("others", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("openid", name=op.f("pk_verified_people")),
    )
    op.create_index(op.f("ix_verified_people_id_number_index"), "verified_people", ["id_number_index"])
    _verifications()
    op.create_table(
        "identity_materials",
        sa.Column("verification_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("media_type", sa.String(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delete_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["verification_id"],
            ["identity_verifications.id"],
            name=op.f("fk_identity_materials_verification_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("verification_id", "number", name=op.f("pk_identity_materials")),
    )
    op.create_index(op.f("ix_identity_materials_delete_at"), "identity_materials", ["delete_at"])


def _verifications() -> None:
    op.create_table(
        "identity_verifications",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("provider", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("id_number", sa.LargeBinary(), nullable=True),
        sa.Column("token", sa.LargeBinary(), nullable=True),
        sa.Column("consent", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("code", sa.String(length=100), nullable=True),
        sa.Column("evidence", sa.String(length=100), nullable=True),
        sa.Column("similarity", sa.Double(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_verifications")),
    )
    op.create_index(
        "ix_identity_verifications_openid_begun", "identity_verifications", ["openid", "begun_at"]
    )
    op.create_index("ix_identity_verifications_state_begun", "identity_verifications", ["state", "begun_at"])
    for name, column, unique in (
        ("uq_identity_verifications_open", "openid", True),
        ("ix_identity_verifications_look", "look_at", False),
    ):
        op.create_index(
            name,
            "identity_verifications",
            [column],
            unique=unique,
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        )


def downgrade() -> None:
    op.drop_table("identity_materials")
    op.drop_table("identity_verifications")
    op.drop_table("verified_people")
