"""The database notes which companies changed, and from what"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_WAITING = sa.text("before IS NOT NULL")
_SQLITE = (
    """
    CREATE TRIGGER companies_inserted AFTER INSERT ON companies FOR EACH ROW
    BEGIN
        INSERT INTO company_changes (uscc, version)
        VALUES (NEW.uscc, (SELECT coalesce(max(version), 0) + 1 FROM company_changes))
        ON CONFLICT (uscc) DO UPDATE SET version = excluded.version;
    END
    """,
    """
    CREATE TRIGGER companies_changed AFTER UPDATE OF facts ON companies FOR EACH ROW
    WHEN OLD.facts IS NOT NEW.facts
    BEGIN
        INSERT INTO company_changes (uscc, version, before)
        VALUES (
            NEW.uscc,
            (SELECT coalesce(max(version), 0) + 1 FROM company_changes),
            CASE WHEN EXISTS (SELECT 1 FROM company_members WHERE uscc = NEW.uscc) THEN OLD.facts END
        )
        ON CONFLICT (uscc) DO UPDATE
        SET version = excluded.version, before = coalesce(company_changes.before, excluded.before);
        UPDATE company_changes SET before = json_remove(before, '$.credit_score')
        WHERE uscc = NEW.uscc AND before IS NOT NULL AND json_extract(NEW.facts, '$.credit_score') IS NULL;
    END
    """,
    """
    CREATE TRIGGER companies_deleted AFTER DELETE ON companies FOR EACH ROW
    BEGIN
        INSERT INTO company_changes (uscc, version)
        VALUES (OLD.uscc, (SELECT coalesce(max(version), 0) + 1 FROM company_changes))
        ON CONFLICT (uscc) DO UPDATE SET version = excluded.version, before = NULL;
    END
    """,
)
_POSTGRESQL = (
    """
    CREATE FUNCTION note_company_change() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        this_one bigint := CAST(CAST(pg_current_xact_id() AS text) AS bigint);
        facts_before jsonb;
    BEGIN
        IF TG_OP = 'DELETE' THEN
            INSERT INTO company_changes (uscc, version) VALUES (OLD.uscc, this_one)
            ON CONFLICT (uscc) DO UPDATE SET version = excluded.version, before = NULL;
            RETURN NULL;
        END IF;
        IF TG_OP = 'UPDATE' AND EXISTS (SELECT 1 FROM company_members WHERE uscc = NEW.uscc) THEN
            facts_before := OLD.facts;
        END IF;
        INSERT INTO company_changes (uscc, version, before) VALUES (NEW.uscc, this_one, facts_before)
        ON CONFLICT (uscc) DO UPDATE
        SET version = excluded.version, before = coalesce(company_changes.before, excluded.before);
        IF TG_OP = 'UPDATE' AND NOT NEW.facts ? 'credit_score' THEN
            UPDATE company_changes SET before = before - 'credit_score'
            WHERE uscc = NEW.uscc AND before ? 'credit_score';
        END IF;
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE TRIGGER companies_inserted AFTER INSERT ON companies
    FOR EACH ROW EXECUTE FUNCTION note_company_change()
    """,
    """
    CREATE TRIGGER companies_changed AFTER UPDATE OF facts ON companies
    FOR EACH ROW WHEN (OLD.facts IS DISTINCT FROM NEW.facts) EXECUTE FUNCTION note_company_change()
    """,
    """
    CREATE TRIGGER companies_deleted AFTER DELETE ON companies
    FOR EACH ROW EXECUTE FUNCTION note_company_change()
    """,
)


def upgrade() -> None:
    op.create_table(
        "company_changes",
        sa.Column("uscc", sa.String(18), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=True),
        sa.PrimaryKeyConstraint("uscc", name="pk_company_changes"),
    )
    op.create_index("ix_company_changes_version", "company_changes", ["version"])
    op.create_index(
        "ix_company_changes_waiting",
        "company_changes",
        ["uscc"],
        postgresql_where=_WAITING,
        sqlite_where=_WAITING,
    )
    for statement in _POSTGRESQL if _on_postgresql() else _SQLITE:
        op.execute(sa.text(statement.replace(":=", "\\:=")))


def downgrade() -> None:
    on_postgresql = _on_postgresql()
    for name in ("companies_inserted", "companies_changed", "companies_deleted"):
        op.execute(f"DROP TRIGGER {name}{' ON companies' if on_postgresql else ''}")
    if on_postgresql:
        op.execute("DROP FUNCTION note_company_change()")
    op.drop_index("ix_company_changes_waiting", "company_changes")
    op.drop_index("ix_company_changes_version", "company_changes")
    op.drop_table("company_changes")


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
