"""A call to Tencent Cloud through its own SDK, and its errors by their codes.

The SDK's general client: those of single products bring records of thousands of fields (77 MB for the two
used here), read errors only out of answers whose content type they expect, and make empty records of others.
Here the answer is taken as it came, and looked at.
"""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Self

import httpx
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_random_exponential
from tencentcloud.common.common_client_async import (  # type: ignore[import-untyped]  # has no hints
    CommonClient,
)
from tencentcloud.common.credential import Credential  # type: ignore[import-untyped]  # has no hints
from tencentcloud.common.exception.tencent_cloud_sdk_exception import (  # type: ignore[import-untyped]
    TencentCloudSDKException,
)
from tencentcloud.common.profile.client_profile import ClientProfile  # type: ignore[import-untyped]
from tencentcloud.common.profile.http_profile import HttpProfile  # type: ignore[import-untyped]
from yarl import URL

from bot.identity.base import BadInput, Expired, ProviderFailed, Refused, Throttled, Unreachable

_ATTEMPTS: Final = 3
_LONGEST_PAUSE_S: Final = 2.0

# The most specific code that matches counts: «A.B», else «A».
CODES: Mapping[str, type[ProviderFailed]] = MappingProxyType(
    {
        "AuthFailure": Refused,
        "FailedOperation": Unreachable,
        "FailedOperation.IdFormatError": BadInput,
        "FailedOperation.IdNameMisMatch": BadInput,
        "FailedOperation.IdNoExistSystem": BadInput,
        "FailedOperation.IdentityAuthLimitExceeded": BadInput,
        "FailedOperation.NameFormatError": BadInput,
        "FailedOperation.RequestLimitExceeded": Throttled,
        "FailedOperation.StsUnAuthErrError": Refused,
        "InternalError": Unreachable,
        "InvalidParameterValue.BizTokenExpired": Expired,
        "LimitExceeded": Throttled,
        "RequestLimitExceeded": Throttled,
        "ServerNetworkError": Unreachable,
        "ServiceUnavailable": Unreachable,
    }
)


class _NeverSent(Unreachable):
    """No connection: whatever was asked, nothing happened."""


class Product(NamedTuple):
    """One of Tencent Cloud's products, with the version of its API."""

    name: str
    version: str


FACEID: Final = Product("faceid", "2018-03-01")
OCR: Final = Product("ocr", "2018-11-19")


class TencentService:
    """A product of Tencent Cloud for one account; closed at the end of its context."""

    def __init__(
        self,
        product: Product,
        secret_id: str,
        secret_key: str,
        *,
        url: str,
        region: str = "",
        timeout_seconds: float,
        pause_seconds: float = 0.3,
    ) -> None:
        address = URL(url)
        http = HttpProfile(
            protocol=address.scheme,
            endpoint=address.host_port_subcomponent or "",
            reqTimeout=timeout_seconds,
        )
        self._client = CommonClient(
            *product, Credential(secret_id, secret_key), region, ClientProfile(httpProfile=http)
        )
        self._timeout = timeout_seconds
        self._pause = pause_seconds

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    async def call(self, action: str, question: Mapping[str, Any], *, repeatable: bool) -> dict[str, Any]:
        """The answer's `Response`; asked up to three times where a repetition does no harm.

        `repeatable`: asking twice is like asking once. Else only what was never taken up is repeated.

        Raises:
            ProviderFailed: there is no answer, or one that says why not.
        """
        asking = AsyncRetrying(
            retry=retry_if_exception(lambda error: _worth_repeating(error, repeatable=repeatable)),
            stop=stop_after_attempt(_ATTEMPTS),
            wait=wait_random_exponential(self._pause, max=_LONGEST_PAUSE_S),
            reraise=True,
        )
        answer: dict[str, Any] = await asking(self._ask, action, dict(question))
        return answer

    async def _ask(self, action: str, question: dict[str, Any]) -> dict[str, Any]:
        try:
            async with asyncio.timeout(self._timeout):
                answer = (await self._client.call_and_deserialize(action, question))["Response"]
            error, request_id = answer.get("Error"), str(answer.get("RequestId") or "")
            if error is not None:
                raise failure(str(error["Code"]), request_id)
        except TencentCloudSDKException as error:
            raise failure(str(error.code), str(error.requestId or "")) from error
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise _NeverSent(f"{action}: {type(error).__name__}") from error
        except (httpx.HTTPError, TimeoutError) as error:
            raise Unreachable(f"{action}: {type(error).__name__}") from error
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise Unreachable(f"{action}: an answer that is not the provider's") from error
        return dict(answer)


def failure(code: str, request_id: str) -> ProviderFailed:
    """The error for a code; an unknown one is a call that the provider does not take."""
    kind = CODES.get(code) or CODES.get(code.partition(".")[0], Refused)
    # Without the message: it may repeat what was asked, a name among it.
    return kind(code, code=code, request_id=request_id)


def _worth_repeating(error: BaseException, *, repeatable: bool) -> bool:
    if repeatable:
        return isinstance(error, ProviderFailed) and error.retryable
    return isinstance(error, Throttled | _NeverSent)
