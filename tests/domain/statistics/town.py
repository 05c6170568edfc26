"""A town with two banks, some requests, decisions, loans and registrations, small enough to count by hand."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from domain.base import Row
from domain.companies import CompanyRow
from domain.database import Database
from domain.loans import LoanRow
from domain.market.rules import FollowState
from domain.market.tables import FollowRow, FollowStepRow
from domain.registrations.tables import RegistrationRow, RegistrationStepRow
from domain.requests import RequestRow

BANK, OTHER = "苏州银行", "江苏银行"
KUNSHAN, WUZHONG, HEFEI = "320583", "320506", "340104"
AT = datetime(2026, 3, 10, 2, tzinfo=UTC)


def uscc(number: int) -> str:
    return f"9132{number:014}"


@dataclass
class Town:
    """Rows by table, written together; `asked` and the others add to them."""

    rows: dict[type[Row], list[dict[str, Any]]] = field(default_factory=dict)

    async def build(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            for table, rows in self.rows.items():
                await session.execute(insert(table), rows)

    def _add(self, table: type[Row], **row: Any) -> None:
        self.rows.setdefault(table, []).append(row)

    def company(self, number: int, region: str | None = KUNSHAN, industry: str | None = "C") -> None:
        facts = {name: value for name, value in (("region", region), ("industry", industry)) if value}
        self._add(
            CompanyRow,
            uscc=uscc(number),
            name=f"企业{number}",
            facts=facts,
            enrolled=False,
            notices=[],
            updated_at=AT,
        )

    def asked(
        self,
        number: int,
        amount: int,
        *,
        by: int,
        region: str | None = KUNSHAN,
        industry: str | None = "C",
        at: datetime | None = AT,
        follows: Iterable[tuple[str, FollowState, float]] = (),
    ) -> None:
        """A request; `follows` are banks, where they stand, and after how many hours they came there."""
        self._add(
            RequestRow,
            id=f"RQ{number}",
            openid=f"o{by}",
            uscc=uscc(by),
            status="published" if at else "draft",
            amount_min=amount // 2,
            amount_max=amount,
            purpose_text="",
            guarantee=[],
            institutions=[],
            declared={},
            region=region,
            industry=industry,
            created_at=AT,
            updated_at=AT,
            published_at=at,
        )
        for bank, state, hours in follows:
            self._follow(number, bank, state, hours, at or AT)

    def _follow(self, number: int, bank: str, state: FollowState, hours: float, at: datetime) -> None:
        self._add(
            FollowRow,
            request_id=f"RQ{number}",
            institution=bank,
            decision_days=5,
            state=state,
            version=2,
            turn=1,
            followed_by="client:1",
            note="",
            updated_at=at,
        )
        step = {"request_id": f"RQ{number}", "institution": bank, "actor": "client:1", "note": ""}
        following = FollowState.FOLLOWING
        self._add(FollowStepRow, **step, at=at, since=None, before=None, after=following)
        moment = at + timedelta(hours=hours)
        if state is not following:
            decided = FollowState.APPROVED if state is FollowState.GRANTED else state
            self._add(FollowStepRow, **step, at=moment, since=at, before=following, after=decided)
        if state is FollowState.GRANTED:
            self._add(
                FollowStepRow, **step, at=moment, since=moment, before=FollowState.ACCEPTED, after=state
            )

    def lent(
        self,
        number: int,
        amount: int,
        *,
        to: int,
        bank: str = BANK,
        rate: float | None = 4.0,
        balance: int | None = None,
        state: str = "running",
        on: datetime = AT,
    ) -> None:
        self._add(
            LoanRow,
            loan_id=f"JK{number}",
            uscc=uscc(to),
            institution=bank,
            amount=amount,
            balance=amount if balance is None else balance,
            rate=rate,
            granted_on=on.date(),
            due_on=on.date() + timedelta(days=365),
            state=state,
            updated_at=AT,
        )

    def registered(
        self, number: int, *, region: str = KUNSHAN, at: datetime = AT, kind: str = "company"
    ) -> None:
        self._add(
            RegistrationRow,
            id=f"RG{number}",
            kind=kind,
            status="registered",
            version=2,
            route=[],
            openid=f"o{number}",
            uscc=uscc(number),
            uscc_doubtful=False,
            name=f"企业{number}",
            company_kind="other",
            region=region,
            industry="C",
            role="agent",
            contact=b"",
            phone=b"",
            submitted_at=at,
            updated_at=at,
        )
        self._add(
            RegistrationStepRow,
            registration_id=f"RG{number}",
            number=1,
            at=at,
            actor="o",
            before="activation",
            after="registered",
            note="",
        )
