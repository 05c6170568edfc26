"""Alembic's environment: runs on the connection that `bot.schema` hands over."""

from alembic import context
from sqlalchemy.engine import Connection

from bot import schema


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=schema.METADATA,
        # SQLite alters tables by copying them.
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
