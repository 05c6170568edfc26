"""One Rasa server: its HTTP API, its JSON checked, its failures typed."""

import asyncio
from http import HTTPStatus
from pathlib import Path, PurePath
from typing import Annotated, Any, Literal

from aiohttp import ClientError, ClientSession, ClientTimeout
from pydantic import BaseModel, Field, StrictFloat, StrictInt, StrictStr, ValidationError
from yarl import URL

from nlu import metrics
from nlu.breaker import Breaker
from nlu.understanding import FALLBACK, Entity, Intent, Understanding

# Loading a model blocks the server's event loop for many seconds.
_SWAP_TIMEOUT = ClientTimeout(total=180)


class RasaError(Exception):
    """RasaError
    ├── RasaUnreachableError   nothing listens, or no answer in time
    ├── RasaRefusedError       an HTTP status that is no success
    ├── RasaNonsenseError      an answer that is not what Rasa promises
    ├── RasaCrowdedError       too many messages wait for the server already
    └── RasaRestingError       every server failed of late and is left alone
    """  # noqa: D205, D415 - the error tree, drawn


class RasaUnreachableError(RasaError):
    """Nothing listens, or no answer came in time."""


class RasaRefusedError(RasaError):
    """An HTTP status that is no success."""


class RasaNonsenseError(RasaError):
    """An answer that is not what Rasa promises."""


class RasaCrowdedError(RasaError):
    """Too many messages wait for the server already; it is well."""


class RasaRestingError(RasaError):
    """Every server failed of late and is left alone for a while."""


_Confidence = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _ParsedIntent(BaseModel):
    name: str | None
    confidence: _Confidence

    def to_intent(self) -> Intent:
        # Rasa names no intent when there is nothing to go by; sums of probabilities can exceed 1 by an ulp.
        return Intent(self.name or FALLBACK, min(self.confidence, 1.0))


class _ParsedEntity(BaseModel):
    entity: str
    value: StrictInt | StrictFloat | StrictStr
    start: Annotated[int, Field(ge=0)]
    end: int
    role: Literal["min", "max"] | None = None

    def to_entity(self) -> Entity:
        return Entity(self.entity, self.value, self.start, self.end, self.role)


class _Parsed(BaseModel):
    intent: _ParsedIntent
    intent_ranking: list[_ParsedIntent] = []
    entities: list[_ParsedEntity]


class _Status(BaseModel):
    model_file: str | None = None


class RasaServer:
    """One base URL with its own breaker; `?token=…` in the URL is sent along with every call.

    `parallel` bounds what is under way at once: Rasa parses one message at a time, more would queue there.
    """

    def __init__(
        self, base: str, session: ClientSession, *, timeout: float, parallel: int, rest: float
    ) -> None:
        self._base = URL(base)
        self._session = session
        self._timeout = timeout
        self._slots = asyncio.Semaphore(parallel)
        self.breaker = Breaker(rest=rest)
        # Messages that wait for a slot or for the answer.
        self.under_way = 0

    @property
    def address(self) -> str:
        """Host and port, for logs: the URL may hold a token."""
        return f"{self._base.host}:{self._base.port}"

    async def parse(self, text: str) -> Understanding:
        """Read one text.

        Only a server that cannot be reached or does not answer counts against the breaker: a text that
        Rasa refuses says nothing about the next one, and waiting for a slot is our own crowd.
        """
        self.under_way += 1
        try:
            answer = await self._post(text)
        except RasaUnreachableError:
            self.breaker.failed()
            raise
        else:
            self.breaker.succeeded()
        finally:
            self.under_way -= 1
            metrics.BREAKER_OPEN.labels(self.address).set(self.breaker.is_open)
        return _read(text, answer)

    async def ready(self) -> bool:
        """Whether it answers and has a model: Rasa's status is 409 without one."""
        try:
            async with asyncio.timeout(self._timeout), self._session.get(self._url("status")) as reply:
                return reply.ok
        except (TimeoutError, ClientError):
            return False

    async def model(self) -> str | None:
        """The name of the model in use, without the folder; None while it has none, or does not answer."""
        try:
            async with asyncio.timeout(self._timeout), self._session.get(self._url("status")) as reply:
                status = _Status.model_validate_json(await reply.read())
        except (TimeoutError, ClientError, ValidationError):
            return None
        return PurePath(status.model_file).name if status.model_file else None

    async def load_model(self, path: Path) -> None:
        try:
            async with self._session.put(
                self._url("model"), json={"model_file": str(path)}, timeout=_SWAP_TIMEOUT
            ) as reply:
                if reply.status != HTTPStatus.NO_CONTENT:
                    raise RasaRefusedError(f"{self.address} did not load {path.name}: status {reply.status}")
        except (TimeoutError, ClientError) as error:
            raise RasaUnreachableError(f"{self.address} did not load {path.name}: {error!r}") from error
        self.breaker.succeeded()

    async def _post(self, text: str) -> bytes:
        await self._slot()
        try:
            async with (
                asyncio.timeout(self._timeout),
                self._session.post(self._url("model/parse"), json={"text": text}) as reply,
            ):
                if not reply.ok:
                    raise RasaRefusedError(f"{self.address} answered with status {reply.status}")
                return await reply.read()
        except TimeoutError as error:
            raise RasaUnreachableError(f"{self.address} did not answer in {self._timeout:g} s") from error
        except ClientError as error:
            raise RasaUnreachableError(f"{self.address}: {error!r}") from error
        finally:
            self._slots.release()

    async def _slot(self) -> None:
        try:
            async with asyncio.timeout(self._timeout):
                await self._slots.acquire()
        except TimeoutError as error:
            raise RasaCrowdedError(f"no slot at {self.address} within {self._timeout:g} s") from error

    def _url(self, path: str) -> URL:
        return (self._base / path).with_query(self._base.query)


def _read(text: str, body: bytes) -> Understanding:
    try:
        parsed = _Parsed.model_validate_json(body)
    except ValidationError as error:
        raise RasaNonsenseError(f"not Rasa's JSON: {_where(error)}") from None
    if any(not entity.start <= entity.end <= len(text) for entity in parsed.entities):
        raise RasaNonsenseError("an entity lies outside its text")
    intent = parsed.intent.to_intent()
    return Understanding(
        text=text,
        intent=intent,
        ranking=tuple(ranked.to_intent() for ranked in parsed.intent_ranking) or (intent,),
        entities=tuple(
            sorted((entity.to_entity() for entity in parsed.entities), key=lambda found: found.start)
        ),
        source="rasa",
    )


def _where(error: ValidationError) -> str:
    """Which fields are wrong and why, without their values: those are what a person wrote."""
    details: list[Any] = list(error.errors(include_input=False, include_url=False, include_context=False))
    return "; ".join(
        f"{'.'.join(map(str, detail['loc'])) or 'body'} {detail['type']}" for detail in details[:3]
    )
