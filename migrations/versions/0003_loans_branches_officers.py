"""Loans; roles of a company's people; branches and officers in tables of their own"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

# The tables as this revision needs them, not as the code has them by now.
INSTITUTIONS = sa.table("institutions", sa.column("name", sa.String), sa.column("data", JSON))
BRANCHES = sa.table(
    "institution_branches",
    sa.column("institution", sa.String),
    sa.column("name", sa.String),
    sa.column("region", sa.String),
)
OFFICERS = sa.table(
    "institution_officers",
    sa.column("institution", sa.String),
    sa.column("openid", sa.String),
    sa.column("name", sa.String),
    sa.column("branch", sa.String),
)


def upgrade() -> None:
    op.create_table(
        "loans",
        sa.Column("loan_id", sa.String(length=64), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("institution", sa.String(length=60), nullable=False),
        sa.Column("product", sa.String(length=60), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("rate", sa.Numeric(precision=7, scale=4), nullable=True),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("loan_id", name=op.f("pk_loans")),
    )
    with op.batch_alter_table("loans", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_loans_institution"), ["institution"], unique=False)
        batch_op.create_index("ix_loans_state_due", ["state", "due_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_loans_uscc"), ["uscc"], unique=False)

    with op.batch_alter_table("company_members", schema=None) as batch_op:
        batch_op.add_column(sa.Column("role", sa.String(length=20), nullable=False, server_default="agent"))
        batch_op.create_index(batch_op.f("ix_company_members_uscc"), ["uscc"], unique=False)
    with op.batch_alter_table("company_members", schema=None) as batch_op:
        batch_op.alter_column("role", existing_type=sa.String(length=20), server_default=None)

    op.create_table(
        "institution_branches",
        sa.Column("institution", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution"], ["institutions.name"], name=op.f("fk_institution_branches_institution")
        ),
        sa.PrimaryKeyConstraint("institution", "name", name=op.f("pk_institution_branches")),
    )
    op.create_table(
        "institution_officers",
        sa.Column("institution", sa.String(length=60), nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("branch", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution"], ["institutions.name"], name=op.f("fk_institution_officers_institution")
        ),
        sa.PrimaryKeyConstraint("institution", "openid", name=op.f("pk_institution_officers")),
    )
    with op.batch_alter_table("institution_officers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_institution_officers_openid"), ["openid"], unique=False)
    _move_out()


def downgrade() -> None:
    _move_back()
    with op.batch_alter_table("institution_officers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_institution_officers_openid"))

    op.drop_table("institution_officers")
    op.drop_table("institution_branches")
    with op.batch_alter_table("company_members", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_company_members_uscc"))
        batch_op.drop_column("role")

    with op.batch_alter_table("loans", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_loans_uscc"))
        batch_op.drop_index("ix_loans_state_due")
        batch_op.drop_index(batch_op.f("ix_loans_institution"))

    op.drop_table("loans")


def _move_out() -> None:
    """Branches and officers leave `data` for their tables; of one named twice the first counts."""
    connection = op.get_bind()
    for name, data in connection.execute(sa.select(INSTITUTIONS)).all():
        branches = {item["name"]: item.get("region") for item in reversed(data.get("branches") or [])}
        officers = {item["openid"]: item for item in reversed(data.get("officers") or [])}
        for branch, region in branches.items():
            connection.execute(sa.insert(BRANCHES).values(institution=name, name=branch, region=region))
        for openid, item in officers.items():
            who = {"name": item.get("name") or "", "branch": item.get("branch")}
            connection.execute(sa.insert(OFFICERS).values(institution=name, openid=openid, **who))
        rest = {key: value for key, value in data.items() if key not in {"branches", "officers"}}
        _write(connection, name, rest)


def _move_back() -> None:
    connection = op.get_bind()
    branches: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    officers: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for place, name, region in connection.execute(sa.select(BRANCHES)):
        branches[place].append({"name": name} | ({"region": region} if region else {}))
    for place, openid, name, branch in connection.execute(sa.select(OFFICERS)):
        officers[place].append({"openid": openid, "name": name} | ({"branch": branch} if branch else {}))
    for name, data in connection.execute(sa.select(INSTITUTIONS)).all():
        lists = {"branches": branches[name], "officers": officers[name]}
        _write(connection, name, data | {key: value for key, value in lists.items() if value})


def _write(connection: sa.Connection, name: str, data: dict[str, Any]) -> None:
    connection.execute(sa.update(INSTITUTIONS).where(INSTITUTIONS.c.name == name).values(data=data))
