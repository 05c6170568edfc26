"""Letters on their way into the queue: when they may go, which are put together, and which are taken back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from notify import deliveries, fields, metrics, quiet, registry
from notify.deliveries import Channel, DeliveryRow, DeliveryState
from notify.fields import Value
from notify.notice import Letter, Notice

Templates = Mapping[str, tuple[str, Mapping[str, str]]]

# Why a letter is not sent itself, and why it is not sent at all.
GATHERED = "gathered"
TAKEN_BACK = "taken back"

# Keys of a delivery's content that the sender does not know: what a letter says, and whose letter carries it.
_SAYS, _CARRIER = "says", "carrier"


@dataclass(frozen=True, slots=True)
class Letters:
    """`templates` maps a notice to the template's id and its fields (field → name of the value).

    `digest` is how long letters of a notice that can be gathered wait for each other; zero: not at all.
    """

    templates: Templates
    public_url: str
    quiet_hours: str
    digest: timedelta = field(default=timedelta(0))

    async def queue(self, session: AsyncSession, notice: Notice, letter: Letter, now: datetime) -> None:
        """Write the delivery; where others of its kind wait for the same person, into theirs."""
        gathers = notice.gathered is not None and self.digest > timedelta(0)
        says = [_entry(letter)]
        content = self._content(notice, says)
        if not letter.about:
            # Nobody will ask what it was made of.
            del content[_SAYS]
        if letter.path:
            content["url"] = self.public_url + letter.path
        # Asked before it is written: it would find itself.
        carrier = await _waiting(session, notice.name, letter.openid) if gathers else None
        row = await deliveries.queue(
            session,
            notice=notice.name,
            openid=letter.openid,
            subject=f"{notice.name}:{letter.openid}:{letter.subject}",
            channel=Channel.TEMPLATE,
            content=content,
            not_before=self._earliest(notice, letter, now + self.digest if gathers else now, now),
            now=now,
            about=letter.about or None,
        )
        if carrier is not None and row is not None and row.state == DeliveryState.QUEUED:
            carrier.content = carrier.content | self._content(notice, carrier.content[_SAYS] + says)
            row.content = row.content | {_CARRIER: carrier.id}
            _skip(row, GATHERED)

    async def take_back(
        self,
        session: AsyncSession,
        about: str,
        *,
        notices: Collection[str],
        institution: str | None = None,
    ) -> None:
        """What waits and speaks of that request is not sent; `institution`: to that one alone.

        What is just being sent goes its way.
        """
        query = (
            select(DeliveryRow)
            .where(DeliveryRow.about == about, DeliveryRow.notice.in_(notices))
            .order_by(DeliveryRow.id)
        )
        for row in (await session.scalars(query)).all():
            own = row.content[_SAYS][0]
            if institution in {None, own["institution"]}:
                await self._take_out(session, row, own)

    async def _take_out(self, session: AsyncSession, row: DeliveryRow, own: Mapping[str, Any]) -> None:
        """Out of its own delivery, or out of the one that carries it."""
        carrier_id = row.content.get(_CARRIER, row.id)
        lock = select(DeliveryRow).where(DeliveryRow.id == carrier_id).with_for_update()
        carrier = (await session.scalars(lock, execution_options={"populate_existing": True})).one_or_none()
        if carrier is None or not _is_waiting(carrier):
            return
        says = [entry for entry in carrier.content[_SAYS] if entry != own]
        if not says:
            carrier.claimed_until = None
            _skip(carrier, TAKEN_BACK)
        elif carrier.claimed_until is None:
            carrier.content = carrier.content | self._content(registry.by_name(carrier.notice), says)
            # What it was written for may be gone: it goes on as what the first of the others was written for.
            carrier.about = says[0]["about"]

    def _content(self, notice: Notice, says: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """What the sender needs, and what it was made of."""
        template_id, wanted = self.templates[notice.name]
        spoken = [_values(entry) for entry in says]
        values = notice.gathered(spoken) if notice.gathered and len(spoken) > 1 else spoken[0]
        data = {name: fields.fit(name, values[value]) for name, value in wanted.items()}
        return {"template_id": template_id, "data": data, _SAYS: list(says)}

    def _earliest(self, notice: Notice, letter: Letter, wished: datetime, now: datetime) -> datetime:
        """Not in the quiet hours, unless it would be of no use any more when they end."""
        if notice.immediate or letter.at_once:
            return now
        morning = quiet.earliest(wished, self.quiet_hours)
        return now if letter.by is not None and letter.by <= morning else morning


def _entry(letter: Letter) -> dict[str, Any]:
    """A letter as JSON."""
    times = {name: value for name, value in letter.values.items() if isinstance(value, datetime)}
    return {
        "about": letter.about,
        "institution": letter.institution,
        "values": {name: value for name, value in letter.values.items() if name not in times},
        "times": {name: time.isoformat() for name, time in times.items()},
    }


def _values(entry: Mapping[str, Any]) -> dict[str, Value]:
    times = {name: datetime.fromisoformat(time) for name, time in entry["times"].items()}
    values: dict[str, Value] = entry["values"]
    return values | times


async def _waiting(session: AsyncSession, notice: str, openid: str) -> DeliveryRow | None:
    """The delivery that waits for more of its kind; one that a sender has claimed is on its way."""
    query = (
        select(DeliveryRow)
        .where(
            DeliveryRow.openid == openid,
            DeliveryRow.notice == notice,
            DeliveryRow.state == DeliveryState.QUEUED,
            DeliveryRow.claimed_until.is_(None),
            # WeChat would take another text for the same message.
            DeliveryRow.first_tried_at.is_(None),
        )
        .order_by(DeliveryRow.id)
        .limit(1)
        .with_for_update()
    )
    found: DeliveryRow | None = await session.scalar(query)
    return found


def _is_waiting(row: DeliveryRow) -> bool:
    return row.state == DeliveryState.QUEUED and row.in_flight_since is None and row.first_tried_at is None


def _skip(row: DeliveryRow, reason: str) -> None:
    row.state, row.reason = DeliveryState.SKIPPED, reason
    metrics.count(row.channel, DeliveryState.SKIPPED, reason)
