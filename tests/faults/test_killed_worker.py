"""The worker killed with a letter in its hand: it reaches the phone exactly once."""

from tests.faults.phone import Phone
from tests.faults.town import PUBLISH, Town
from tests.faults.waiting import eventually
from tests.journeys.house import until


async def test_after_claiming(replicas: Town) -> None:
    phone = await replicas.about_to_publish()
    async with replicas.books.sending_held():
        await phone.say(PUBLISH, replicas.left)
        await eventually(replicas.books.waiting)
        await replicas.worker.kill()
    assert phone.cards() == []
    await taken_up(replicas, phone, "delivered")
    assert len(phone.cards()) == 1


async def test_after_sending(replicas: Town) -> None:
    phone = await replicas.about_to_publish()
    with replicas.wire.silent_after(b"/message/template/send"):
        await phone.say(PUBLISH, replicas.left)
        await until(phone.cards)
        await replicas.worker.kill()
    assert await replicas.books.deliveries(phone.openid) == ["queued"]
    await taken_up(replicas, phone, "delivered")
    assert len(phone.cards()) == 1, "sent again under the same client_msg_id, which WeChat knows"


async def test_with_a_late_answer_after_sending(replicas: Town) -> None:
    """A customer message has no id of ours: whether it came cannot be known, so it is not sent again."""
    with replicas.wire.silent_after(b"/message/custom/send"):
        phone = await late_answer(replicas)
        await until(phone.answers)
        await replicas.worker.kill()
    await taken_up(replicas, phone, "unknown")
    assert len(phone.answers()) == 1


async def late_answer(town: Town) -> Phone:
    """Somebody whose answer comes when WeChat's patience is over: the database was busy for so long."""
    phone = await town.newcomer()
    async with town.books.table_held("people"):
        assert await phone.say("我想贷款", town.left) == ""
    return phone


async def taken_up(town: Town, phone: Phone, state: str) -> None:
    """The next worker finds what the dead one held."""
    await town.books.let_claims_run_out()
    await town.worker.start()

    async def ended() -> bool:
        return await town.books.deliveries(phone.openid) == [state]

    await eventually(ended)
