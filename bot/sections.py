"""The sections of `config.yml`, each key with its type and default."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from domain.credit.values import KEPT_YEARS
from domain.secrets import Algorithm, decode_key

PROJECT = Path(__file__).resolve().parent.parent


class Section(BaseModel):
    """A level of the configuration; an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Server(Section):
    """Where the service listens and how it is reached."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    worker_port: Annotated[int, Field(ge=0, le=65535)] = 0
    public_url: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""

    @property
    def address(self) -> str:
        """The public address, without a slash at the end."""
        return (self.public_url or self.local_address).rstrip("/")

    @property
    def local_address(self) -> str:
        """How processes of this machine reach the service."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104 - compared, not bound
        return f"http://{host}:{self.port}"


class Template(Section):
    """A template of the account: its id, and which of its fields carries which value of the notice."""

    id: str
    fields: Mapping[str, str]


class Templates(Section):
    """One template a notice."""

    request_progress: Template
    recommendation: Template
    follow_up: Template
    policy_notice: Template
    institution_request: Template
    institution_place_free: Template
    institution_deadline: Template
    risk_warning: Template
    repayment_due: Template
    renewal_window: Template
    registration_result: Template
    identity_result: Template
    authorization_result: Template

    def by_notice(self) -> dict[str, Template]:
        return {name: getattr(self, name) for name in type(self).model_fields}


class WeChat(Section):
    """The official account."""

    app_id: str = ""
    app_secret: SecretStr = SecretStr("")
    token: SecretStr = SecretStr("")
    encoding_aes_key: SecretStr = SecretStr("")
    previous_aes_key: SecretStr = SecretStr("")
    encryption: Literal["safe", "compatible", "plain"] = "safe"
    api_base_url: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""
    reply_deadline_seconds: Annotated[float, Field(gt=0, lt=5)] = 4.5
    templates: Templates

    @field_validator("encoding_aes_key", "previous_aes_key")
    @classmethod
    def _has_43_characters(cls, key: SecretStr) -> SecretStr:
        if len(key.get_secret_value()) not in {0, 43}:
            raise ValueError("must have 43 characters")
        return key


class DatabaseSection(Section):
    """Where the data are."""

    url: Annotated[str, Field(pattern=r"^((sqlite|postgresql\+asyncpg)://\S+)?$")] = ""


class RedisSection(Section):
    """Where locks and tokens are."""

    url: Annotated[str, Field(pattern=r"^((rediss?|unix)://\S+)?$")] = ""


class Nlu(Section):
    """Where Rasa is."""

    url: str = ""
    port: Annotated[int, Field(ge=0, le=65535)] = 0
    timeout_seconds: Annotated[float, Field(gt=0)] = 1.5

    @property
    def urls(self) -> list[str]:
        return [url.strip().rstrip("/") for url in self.url.split(",") if url.strip()]


class Transcription(Section):
    """Who writes down what is said in voice messages."""

    provider: Literal["auto", "none", "tencent"] = "auto"
    secret_id: SecretStr = SecretStr("")
    secret_key: SecretStr = SecretStr("")
    url: Annotated[str, Field(pattern=r"^https?://[^\s/]+/?$")] = "https://asr.tencentcloudapi.com"
    engine: Annotated[str, Field(pattern=r"^16k_[A-Za-z_-]+$")] = "16k_zh"
    hotword_id: str = ""
    # Less than a person's next message waits for this one to be done.
    timeout_seconds: Annotated[float, Field(gt=0, le=15)] = 8


class IdentityMaterial(Section):
    """Papers that people upload instead of showing their face."""

    max_megabytes: Annotated[int, Field(ge=1, le=20)] = 5
    max_files: Annotated[int, Field(ge=1, le=10)] = 4
    kept_days: Annotated[int, Field(ge=0)] = 30


class Identity(Section):
    """Who checks who people are."""

    provider: Literal["auto", "tencent", "material", "sandbox"] = "auto"
    secret_id: SecretStr = SecretStr("")
    secret_key: SecretStr = SecretStr("")
    rule_id: str = ""
    url: Annotated[str, Field(pattern=r"^https?://[^\s/]+/?$")] = "https://faceid.tencentcloudapi.com"
    region: str = ""
    min_similarity: Annotated[float, Field(ge=70, le=100)] = 70
    timeout_seconds: Annotated[float, Field(gt=0, le=30)] = 8
    tries_per_day: Annotated[int, Field(ge=1)] = 5
    enterprise: Literal["none", "tencent"] = "none"
    enterprise_url: Annotated[str, Field(pattern=r"^https?://[^\s/]+/?$")] = "https://ocr.tencentcloudapi.com"
    material: IdentityMaterial = IdentityMaterial()


class Api(Section):
    """Access of other systems."""

    bootstrap_token: SecretStr = SecretStr("")


class Catalogue(Section):
    """What an empty database begins with."""

    seed: bool = True


class Notify(Section):
    """When people are told."""

    quiet_hours: Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)?$")] = (
        "21:00-08:00"
    )
    digest_minutes: Annotated[int, Field(ge=0, le=24 * 60)] = 30


class Pages(Section):
    """How long links and sessions of the pages last, and what stands before the service."""

    link_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 30
    session_idle_minutes: Annotated[int, Field(ge=1)] = 30
    session_hours: Annotated[int, Field(ge=1)] = 8
    proxies: Annotated[int, Field(ge=0)] = 0


class Retention(Section):
    """How many days the database keeps what is over; docs/operations.md says why so long."""

    inbox_days: Annotated[int, Field(ge=1)] = 7
    outbox_days: Annotated[int, Field(ge=1)] = 30
    deliveries_days: Annotated[int, Field(ge=1)] = 180
    receipts_days: Annotated[int, Field(ge=1)] = 30
    unlabelled_days: Annotated[int, Field(ge=1)] = 90
    # The law keeps nobody from deleting earlier, and forbids later.
    credit_bad_years: Annotated[int, Field(ge=1, le=KEPT_YEARS)] = KEPT_YEARS
    credit_superseded_days: Annotated[int, Field(ge=1)] = 730
    credit_batches_days: Annotated[int, Field(ge=1)] = 90
    credit_objections_days: Annotated[int, Field(ge=1)] = 1095
    cases_days: Annotated[int, Field(ge=1)] = 1095
    claims_days: Annotated[int, Field(ge=1)] = 1095
    equity_days: Annotated[int, Field(ge=1)] = 1825
    credit_reports_days: Annotated[int, Field(ge=1)] = 1825
    access_days: Annotated[int, Field(ge=1)] = 1095
    unfollowed_days: Annotated[int, Field(ge=1)] = 30


class Webhooks(Section):
    """How events are sent to institutions' systems."""

    allowed_hosts: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    timeout_seconds: Annotated[float, Field(gt=0, le=30)] = 10


class Sandbox(Section):
    """The phone in the browser."""

    enabled: Literal["auto"] | bool = "auto"


class Secrets(Section):
    """Keys for data at rest."""

    encryption_key: SecretStr = SecretStr("")
    previous_encryption_keys: tuple[SecretStr, ...] = ()
    index_key: SecretStr = SecretStr("")
    cipher: Algorithm = Algorithm.AES_256_GCM

    @field_validator("encryption_key", "index_key")
    @classmethod
    def _is_a_key(cls, key: SecretStr) -> SecretStr:
        if text := key.get_secret_value():
            decode_key(text)
        return key

    @field_validator("previous_encryption_keys")
    @classmethod
    def _are_keys(cls, keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for key in keys:
            decode_key(key.get_secret_value())
        return keys


class Log(Section):
    """What is written about the service's work."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    format: Literal["auto", "console", "json"] = "auto"
