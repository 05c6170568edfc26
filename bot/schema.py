"""The schema: every table of the house, and bringing a database up to it with Alembic."""

import structlog
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import MetaData
from sqlalchemy.engine import Connection

from bot.sections import PROJECT
from domain import (
    addressees,
    catalogue,
    clients,
    companies,
    company_feed,
    conversations,
    events,
    idempotency,
    inbox,
    institutions,
    loans,
    parked,
    people,
    policies,
    products,
    requests,
    saved_filters,
    unlabelled,
)
from domain.authorizations import tables as authorizations
from domain.base import Row
from domain.cases import tables as cases
from domain.claims import tables as claims
from domain.credit import marks as credit_marks
from domain.credit import tables as credit
from domain.database import Database
from domain.equity import tables as equity
from domain.exclusive import alone
from domain.identity import materials as identity_materials
from domain.identity import tables as identity
from domain.incentives import tables as incentives
from domain.market import tables as market
from domain.personal_data import tables as deletions
from domain.recommending import tables as recommending
from domain.registrations import tables as registrations
from domain.scores import tables as scores
from domain.webhooks import tables as webhooks
from notify import deliveries

# A table is in the metadata once its module is imported: named here, so that none is missed.
MODULES = (
    addressees,
    authorizations,
    cases,
    catalogue,
    claims,
    clients,
    companies,
    company_feed,
    conversations,
    credit,
    deletions,
    deliveries,
    equity,
    events,
    idempotency,
    identity,
    identity_materials,
    inbox,
    incentives,
    institutions,
    loans,
    market,
    parked,
    people,
    policies,
    products,
    recommending,
    registrations,
    requests,
    credit_marks,
    saved_filters,
    scores,
    unlabelled,
    webhooks,
)
_log = structlog.get_logger(__name__)
METADATA: MetaData = Row.metadata


def alembic_config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(PROJECT / "migrations"))
    config.attributes["connection"] = connection
    return config


async def migrate(database: Database, revision: str = "head") -> None:
    """Bring the database up to `revision`; nothing happens when it is there.

    Processes that start together wait for the first of them.
    """
    async with database.engine.begin() as connection:
        await alone(connection, "migrate", however_long=True)
        await connection.run_sync(_upgrade, revision)


def _upgrade(connection: Connection, revision: str) -> None:
    before = MigrationContext.configure(connection).get_current_revision()
    command.upgrade(alembic_config(connection), revision)
    after = MigrationContext.configure(connection).get_current_revision()
    if after != before:
        _log.info("schema_migrated", before=before, after=after)


async def downgrade(database: Database, revision: str) -> None:
    async with database.engine.begin() as connection:
        await connection.run_sync(lambda sync: command.downgrade(alembic_config(sync), revision))


async def differences(database: Database) -> list[object]:
    """What the tables in the code have beyond those in the database; empty when they agree."""
    async with database.engine.connect() as connection:
        return await connection.run_sync(
            lambda sync: list(compare_metadata(MigrationContext.configure(sync), METADATA))
        )
