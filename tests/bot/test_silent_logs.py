"""The logs of a whole life, with everything that goes wrong in it, name nobody."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import structlog
from sqlalchemy.exc import IntegrityError

from bot import logs
from bot.housekeeping import Housekeeping, rules
from bot.sections import Log, Retention
from domain.base import utcnow
from domain.database import Database
from domain.identity.tables import VerifiedPersonRow
from domain.identity.verifications import Person
from domain.personal_data.deleting import delete, deletion_plan, finish
from domain.personal_data.exporting import export
from domain.personal_data.unfollowed import forget_unfollowed
from domain.secrets import Cipher, UnreadableSecret, decode_key, new_key
from tests.bot.pipes import given_back
from tests.domain.personal_data.lives import LI, ZHANG, lead

NOW = utcnow()


@pytest.fixture(autouse=True)
def everything_logged(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    """From after pytest has taken standard error, where the logs go."""
    capsys.readouterr()
    with given_back():
        logs.configure(Log(level="DEBUG", format="json"))
        yield


@pytest.fixture
def cipher() -> Cipher:
    return Cipher(decode_key(new_key()))


async def test_no_log_line_names_anybody(
    database: Database, cipher: Cipher, capsys: pytest.CaptureFixture[str]
) -> None:
    async with database.unit_of_work() as session:
        for life in (ZHANG, LI):
            await lead(session, life, cipher, NOW)
        handed_out = await export(session, ZHANG.openid, cipher, NOW)
    await _go_wrong(database, cipher)
    async with database.unit_of_work() as session:
        await forget_unfollowed(session, LI.openid, NOW, cipher=cipher)
        plan = await deletion_plan(session, ZHANG.openid, NOW)
        row = await delete(session, ZHANG.openid, NOW)
        await finish(session, row, NOW + timedelta(days=2))
    housekeeping = Housekeeping(database, rules(Retention()))
    while await housekeeping.run_once():
        pass
    # What a careless line might hold.
    log = structlog.get_logger("careless")
    log.warning(
        "looked_at", person=ZHANG.name, phone=ZHANG.phone, id_number=ZHANG.id_number, openid=ZHANG.openid
    )
    log.info("planned", plan=[item.title for item in plan], titles=list(handed_out["内容"]), row=repr(row))
    written = capsys.readouterr().err
    assert "old_rows_deleted" in written
    assert "looked_at" in written
    assert "IntegrityError" in written
    for life in (ZHANG, LI):
        for words in (life.name, life.phone, life.id_number, life.openid):
            assert words not in written, words


async def _go_wrong(database: Database, cipher: Cipher) -> None:
    """Errors that had the values in their hands."""
    log = structlog.get_logger("wrong")
    try:
        async with database.unit_of_work() as session:
            session.add(
                VerifiedPersonRow(
                    openid=ZHANG.openid,
                    name=cipher.encrypt(ZHANG.name, "identity_name"),
                    id_number=cipher.encrypt(ZHANG.id_number, "id_number"),
                    id_number_index=cipher.blind_index(ZHANG.id_number, "id_number"),
                    verified_at=NOW,
                    method="sandbox",
                    evidence="twice",
                    others=0,
                )
            )
    except IntegrityError:
        log.exception("twice", person=repr(Person(ZHANG.name, ZHANG.id_number)))
    try:
        Cipher(decode_key(new_key())).decrypt(cipher.encrypt(ZHANG.name, "identity_name"), "identity_name")
    except UnreadableSecret:
        log.exception("unreadable")
