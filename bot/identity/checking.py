"""The walk of an identity check: begun here, done at the provider, its result always fetched from there.

Nothing is lost when a process dies between any two steps: an open try stays in the database with the
provider's token, whoever comes next asks the provider again, and only the first to write it down writes it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.identity import metrics
from bot.identity.base import (
    BadInput,
    Expired,
    IdentityProvider,
    Outcome,
    ProviderFailed,
    Verdict,
)
from bot.identity.material import Limits, Upload, accepted
from bot.identity.providers import Providers
from bot.identity.results import Result, result_of
from domain.base import today_in_china, utcnow
from domain.database import Database
from domain.errors import NotAllowedNow, NotFound, Refusal
from domain.identity import materials, papers, verifications
from domain.identity.tables import State, VerificationRow
from domain.identity.verifications import AlreadyVerified, Ended, Ending, Person
from domain.secrets import Cipher

_log = structlog.get_logger(__name__)

# Until the provider says how long its token lasts.
_BEGINNING: Final = timedelta(minutes=10)
# At the provider's page a person may try again after a failure, until he comes back or gives up.
_STILL_TRYING: Final = timedelta(minutes=10)
# Who began within the token's time may end a little later.
_GRACE: Final = timedelta(minutes=10)
# Results are kept that long; one that could not be fetched until then never will be.
_RESULTS_KEPT: Final = timedelta(days=3)
_BATCH: Final = 20


class ConsentMissing(Refusal):
    """A face is not used without a consent of its own."""


class ProviderTrouble(Refusal):
    """The provider does not answer, or refuses; the sentence says what the person can do."""


@dataclass(frozen=True, slots=True)
class Rules:
    """`return_page` is where providers send people back to; `{id}` in it stands for the verification's."""

    return_page: str
    tries_per_day: int = 5
    limits: Limits = field(default_factory=Limits)


class Checking:
    """What pages call. What a person may not do raises a domain.errors.Refusal with a sentence for him."""

    def __init__(
        self,
        database: Database,
        cipher: Cipher,
        providers: Providers,
        rules: Rules,
        on_events: Callable[[], None],
        *,
        clock: Callable[[], datetime] = utcnow,
    ) -> None:
        self._database = database
        self._cipher = cipher
        self._providers = providers
        self._rules = rules
        self._on_events = on_events
        self._clock = clock

    @property
    def needs_face(self) -> bool:
        """Whether the usual way uses the face: a consent is asked for, and another way offered."""
        return self._providers.usual.needs_face

    async def begin(
        self, openid: str, name: str, id_number: str, evidence: str | None, *, without_face: bool = False
    ) -> str:
        """The address to open: the provider's page, or ours for uploading papers.

        `evidence` says where the person agreed to the use of his face (at most 64 characters); it is needed
        unless he goes `without_face`, or the usual way is one without.

        Raises:
            WrongPaper: name or number cannot be right; its `field` says which.
            ConsentMissing, AlreadyVerified, TooManyTries, NotAllowedNow, ProviderTrouble: as they say.
        """
        now = self._clock()
        person = papers.person(name, id_number, today_in_china(now))
        provider = self._providers.without_face if without_face else self._providers.usual
        if provider.needs_face and not evidence:
            raise ConsentMissing("人脸信息需要您单独同意才能使用；不同意也没关系，可以改用上传材料的方式。")
        await self._settle_the_one_before(openid)
        async with self._database.unit_of_work() as session:
            row = await verifications.begin(
                session,
                openid,
                person,
                provider=provider.name,
                consent=evidence if provider.needs_face else None,
                expires_at=now + _BEGINNING,
                tries_per_day=self._rules.tries_per_day,
                now=now,
                cipher=self._cipher,
            )
        return await self._started(row, provider, person)

    async def finish(self, openid: str, verification_id: str, token: str | None = None) -> Result:
        """For the page to which the provider sends the person back, and for one that waits for the result.

        The result comes from the provider, never from the redirect. `token` is what the redirect carries; it
        must be the one of this verification. Called again it answers the same.

        Raises:
            NotFound: not this person's verification, or not its token.
            ProviderTrouble: the result is not to be had now; it will come by itself.
        """
        async with self._database.reading() as session:
            row = await verifications.of(session, openid, verification_id)
        if token is not None and not verifications.is_token_of(row, token, cipher=self._cipher):
            _log.warning("redirect_refused", openid=openid, verification=verification_id)
            raise NotFound("没有找到这次认证，请从公众号里重新打开。")
        asked = await self._asking(row, returned=token is not None)
        if asked is None:
            return await self._stored(openid, verification_id)
        try:
            row = await self._settled(asked)
        except ProviderFailed as error:
            _failed(row, error)
            raise ProviderTrouble(error.sentence) from error
        return result_of(row)

    async def result(self, openid: str, verification_id: str) -> Result:
        """As it is stored; nobody is asked. Raises NotFound."""
        return await self._stored(openid, verification_id)

    async def latest(self, openid: str) -> Result | None:
        """The person's latest verification as it is stored; None before the first."""
        async with self._database.reading() as session:
            row = await verifications.latest_of(session, openid)
        return result_of(row) if row else None

    async def tries_left(self, openid: str) -> int:
        """How often the person may still begin today."""
        async with self._database.reading() as session:
            tries = await verifications.tries_on(session, openid, self._clock())
        return max(0, self._rules.tries_per_day - tries)

    async def hand_in(self, openid: str, verification_id: str, uploads: Sequence[Upload]) -> Result:
        """Papers for an adviser; handed in again before he decided, they replace those before.

        Raises:
            BadPaper: a file that is not taken.
            NotFound, NotAllowedNow: not this person's; it ended, or is not decided by papers.
        """
        taken = accepted(uploads, self._rules.limits)
        async with self._database.unit_of_work() as session:
            row = await materials.hand_in(
                session, openid, verification_id, taken, cipher=self._cipher, now=self._clock()
            )
        return result_of(row)

    async def decide(self, verification_id: str, refusal: str | None, decided_by: str) -> Result:
        """An adviser's word on papers: None approves, else the person reads why not. Raises NotFound."""
        async with self._database.unit_of_work() as session:
            ended = await materials.decide(
                session,
                verification_id,
                refusal=refusal,
                decided_by=decided_by,
                kept=timedelta(days=self._rules.limits.kept_days),
                cipher=self._cipher,
                now=self._clock(),
            )
        self._tell(ended)
        return result_of(ended.verification)

    async def run_once(self) -> int:
        """Fetch results of people who never came back, close what is over, delete papers; how many."""
        now = self._clock()
        async with self._database.unit_of_work() as session:
            deleted = await materials.drop_due(session, now, _BATCH)
            due = await verifications.claim(session, now, _BATCH)
        for row in due:
            try:
                await self._settled(row)
            except ProviderFailed as error:
                _failed(row, error)
        return deleted + len(due)

    async def _settle_the_one_before(self, openid: str) -> None:
        """Who begins again may have passed meanwhile, at a page that never brought him back."""
        async with self._database.reading() as session:
            before = await verifications.open_of(session, openid)
        asked = await self._asking(before) if before and before.token else None
        if asked is None:
            return
        try:
            row = await self._settled(asked)
        except ProviderFailed as error:
            _failed(asked, error)
        else:
            if row.state == State.PASSED:
                raise AlreadyVerified("您刚才的认证已经通过，不用再做一次。")

    async def _started(self, row: VerificationRow, provider: IdentityProvider, person: Person) -> str:
        page = self._rules.return_page.format(id=row.id)
        try:
            begun = await provider.begin(person, page, reference=row.id, now=self._clock())
        except ProviderFailed as error:
            _failed(row, error)
            await self._not_started(row, error)
            raise ProviderTrouble(error.sentence) from error
        async with self._database.unit_of_work() as session:
            goes_on = await verifications.started(
                session, row.id, begun.token, begun.expires_at, cipher=self._cipher
            )
        if not goes_on:
            raise NotAllowedNow("您在另一处又开始了一次认证，请用那一个。")
        return begun.url

    async def _not_started(self, row: VerificationRow, error: ProviderFailed) -> None:
        """What the person wrote counts as a try; trouble of the provider's does not."""
        async with self._database.unit_of_work() as session:
            if isinstance(error, BadInput):
                ending = Ending(State.FAILED, error.sentence, error.code, error.request_id)
                await verifications.finish(session, row.id, ending, self._clock(), cipher=self._cipher)
            else:
                await verifications.drop(session, row.id)

    async def _asking(self, row: VerificationRow, *, returned: bool = False) -> VerificationRow | None:
        if row.state != State.BEGUN:
            return None
        async with self._database.unit_of_work() as session:
            return await verifications.asking(session, row.id, self._clock(), returned=returned)

    async def _settled(self, row: VerificationRow) -> VerificationRow:
        """The row with what the provider says now; open still, if there is no result yet."""
        ending = await self._ending(row)
        if ending is None:
            return row
        async with self._database.unit_of_work() as session:
            ended = await verifications.finish(session, row.id, ending, self._clock(), cipher=self._cipher)
        self._tell(ended)
        return ended.verification

    async def _ending(self, row: VerificationRow) -> Ending | None:
        now = self._clock()
        provider = self._providers.by_name.get(row.provider)
        if row.token is None or provider is None:
            return _EXPIRED if now > row.expires_at else None
        token = self._cipher.decrypt(row.token, verifications.TOKEN)
        try:
            outcome = await provider.finish(token, verifications.person_of(row, self._cipher))
        except Expired as error:
            return Ending(State.EXPIRED, error.sentence, error.code, error.request_id)
        except ProviderFailed:
            if now > row.expires_at + _RESULTS_KEPT:
                return _EXPIRED
            raise
        return _ending_of(outcome, row, now)

    def _tell(self, ended: Ended) -> None:
        if not ended.news:
            return
        self._on_events()
        row = ended.verification
        metrics.CHECKS.labels(row.provider, row.state).inc()
        _log.info("identity_ended", openid=row.openid, verification=row.id, state=row.state, code=row.code)
        if ended.others:
            _log.warning(
                "id_number_verified_again",
                openid=row.openid,
                verification=row.id,
                other_accounts=ended.others,
                why="one person may have two accounts, and a borrowed card looks the same: compare them",
            )

    async def _stored(self, openid: str, verification_id: str) -> Result:
        async with self._database.reading() as session:
            return result_of(await verifications.of(session, openid, verification_id))


_EXPIRED = Ending(State.EXPIRED, Expired.sentence)


def _ending_of(outcome: Outcome, row: VerificationRow, now: datetime) -> Ending | None:
    match outcome.verdict:
        case Verdict.PASSED:
            state = State.PASSED
        case Verdict.ABANDONED:
            state = State.ABANDONED
        case Verdict.FAILED if row.returned_at or now > row.begun_at + _STILL_TRYING:
            state = State.FAILED
        case _:
            return _EXPIRED if now > row.expires_at + _GRACE else None
    return Ending(state, outcome.reason, outcome.code, outcome.evidence, outcome.similarity)


def _failed(row: VerificationRow, error: ProviderFailed) -> None:
    metrics.FAILURES.labels(row.provider, type(error).__name__).inc()
    _log.warning(
        "identity_provider_failed",
        provider=row.provider,
        verification=row.id,
        outcome=type(error).__name__,
        reason=str(error),
        request_id=error.request_id,
    )
