"""Whatever is given, revoked and asked in whatever order: the gate opens where a simple model says so."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.authorizations.consents import Consent
from domain.authorizations.gate import NotAuthorized, Reader, authorized
from domain.authorizations.labels import PLATFORM, PURPOSES, Category, DataPurpose, Kind, Reason, State
from domain.authorizations.tables import AuthorizationRow, LabelSet
from domain.companies import CompanyMemberRow, CompanyRow, MemberRole
from tests.domain.authorizations.scene import BANK, NAMES, NOW, OWNER, RULES, USCC, Scene

HOUR = timedelta(hours=1)
SCOPES = st.frozensets(st.sampled_from(Category), min_size=1)
KINDS = st.sampled_from([Kind.CREDIT_DATA, Kind.PASSING_ON])
READERS = {Kind.CREDIT_DATA: Reader.platform("task"), Kind.PASSING_ON: Reader.institution(BANK, "client")}
RECIPIENTS = {Kind.CREDIT_DATA: PLATFORM, Kind.PASSING_ON: BANK}
_numbers = count()


@dataclass(frozen=True)
class Give:
    kind: Kind
    scope: frozenset[Category]
    purposes: frozenset[DataPurpose]
    days: int


@dataclass(frozen=True)
class Revoke:
    kind: Kind


@dataclass(frozen=True)
class Ask:
    kind: Kind
    scope: frozenset[Category]
    purpose: DataPurpose


def gives(kind: Kind) -> st.SearchStrategy[Give]:
    purposes = st.frozensets(st.sampled_from(sorted(PURPOSES[kind])), min_size=1)
    return st.builds(Give, st.just(kind), SCOPES, purposes, st.integers(1, 3))


STEPS = st.lists(
    st.tuples(
        st.integers(1, 48),
        st.one_of(
            KINDS.flatmap(gives),
            st.builds(Revoke, KINDS),
            st.builds(Ask, KINDS, SCOPES, st.sampled_from(DataPurpose)),
            st.builds(
                Ask,
                KINDS,
                SCOPES.map(lambda scope: frozenset(sorted(scope)[:1])),
                st.sampled_from(DataPurpose),
            ),
        ),
    ),
    max_size=10,
)


@dataclass
class Model:
    """By kind the newest word: what, what for, until when, and whether it was taken back in time."""

    said: dict[Kind, tuple[Give, datetime, bool]] = field(default_factory=dict)

    def give(self, step: Give, now: datetime) -> None:
        self.said[step.kind] = (step, now + step.days * 24 * HOUR, False)

    def revoke(self, kind: Kind, now: datetime) -> None:
        if kind in self.said:
            step, until, revoked = self.said[kind]
            self.said[kind] = (step, until, revoked or now < until)

    def refusal(self, ask: Ask, now: datetime) -> Reason | None:
        if ask.kind not in self.said:
            return Reason.NOT_GIVEN
        step, until, revoked = self.said[ask.kind]
        if revoked:
            return Reason.REVOKED
        if until <= now:
            return Reason.EXPIRED
        return None if ask.scope <= step.scope and ask.purpose in step.purposes else Reason.NOT_COVERED


async def a_company(scene: Scene) -> str:
    uscc = f"91320583MA1P{next(_numbers):06d}"
    async with scene.database.unit_of_work() as session:
        session.add(
            CompanyRow(uscc=uscc, name=NAMES[USCC], facts={}, enrolled=False, notices=[], updated_at=NOW)
        )
        await session.flush()
        role = MemberRole.LEGAL_REPRESENTATIVE
        session.add(CompanyMemberRow(openid=OWNER, uscc=uscc, role=role, evidence="test", since=NOW))
    return uscc


async def refusal(scene: Scene, uscc: str, ask: Ask, now: datetime) -> Reason | None:
    try:
        async with authorized(
            scene.database, READERS[ask.kind], uscc, ask.scope, ask.purpose, clock=lambda: now
        ):
            return None
    except NotAuthorized as error:
        return error.reason


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
async def test_the_gate_opens_where_the_model_says_so(
    scene: Scene, steps: list[tuple[int, Give | Revoke | Ask]]
) -> None:
    uscc, model, now = await a_company(scene), Model(), NOW
    standing: dict[Kind, AuthorizationRow] = {}
    for hours, step in steps:
        now += hours * HOUR
        match step:
            case Give():
                consent = Consent(
                    step.kind, uscc, RECIPIENTS[step.kind], step.scope, step.purposes, step.days
                )
                standing[step.kind] = await scene.give(consent, at=now)
                model.give(step, now)
            case Revoke():
                if step.kind in standing:
                    await scene.revoke(standing[step.kind], at=now)
                model.revoke(step.kind, now)
            case Ask():
                assert await refusal(scene, uscc, step, now) == model.refusal(step, now)


TIMES = st.integers(0, 100).map(lambda hours: NOW + hours * HOUR)


@given(until=TIMES, ended_at=st.none() | TIMES, now=TIMES)
def test_a_state_is_what_the_times_say(until: datetime, ended_at: datetime | None, now: datetime) -> None:
    row = AuthorizationRow(until=until, ended_at=ended_at)
    state = row.state(now)
    assert (state is State.REVOKED) == (ended_at is not None and ended_at < until)
    assert (state is State.GIVEN) == (ended_at is None or ended_at >= until) * (now < until)


@given(given_at=TIMES, hours=st.integers(1, 400), steps=st.lists(st.integers(1, 100), max_size=20))
def test_of_each_reminder_there_is_one_and_at_the_end_none(
    given_at: datetime, hours: int, steps: list[int]
) -> None:
    """However seldom somebody looks: never twice for the same, and the end is told exactly once."""
    until, now = given_at + hours * HOUR, given_at
    due, told = RULES.next_notice(given_at, until, given_at), []
    for step in (*steps, 400):
        now += step * HOUR
        if due is not None and due <= now:
            told.append((due, until <= now))
            due = RULES.next_notice(given_at, until, now)
    assert due is None
    assert [over for _, over in told].count(True) == 1
    assert len(told) <= 1 + len(RULES.remind_days)
    assert len({at for at, _ in told}) == len(told)


@given(labels=st.frozensets(st.sampled_from(Category)))
def test_a_set_comes_back_from_its_integer(labels: frozenset[Category]) -> None:
    kind = LabelSet(Category)
    assert kind.process_result_value(kind.process_bind_param(labels, None), None) == labels


def test_the_bits_that_are_stored() -> None:
    """Rows hold them: a label's place must never change."""
    bits = LabelSet(Category).process_bind_param, LabelSet(DataPurpose).process_bind_param
    assert [bits[0]([category], None) for category in Category] == [1, 2, 4, 8, 16, 32, 64]
    assert list(Category)[:7] == [
        "base",
        "utilities",
        "lending",
        "awards_penalties",
        "litigation",
        "trade",
        "equity",
    ]
    assert list(DataPurpose) == ["matching", "scoring", "pre_loan", "post_loan", "identity", "own", "linkage"]
    assert bits[1](list(DataPurpose), None) == 127
