"""Settings: `config.yml` and the environment become one frozen, typed record, or one clear error."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    YamlConfigSettingsSource,
)

from domain.authorizations.rules import Rules as AuthorizationRules
from domain.credit import registry
from domain.credit.objections import DAYS
from domain.credit.registry import Registry, RegistryError
from domain.credit.values import KEPT_YEARS
from domain.registrations.rules import Review, Rules
from domain.secrets import Algorithm, decode_key

PROJECT = Path(__file__).resolve().parent.parent
WECHAT_API = "https://api.weixin.qq.com"
_PREFIX = "RONGQIAO_"
_DELIMITER = "__"


class ConfigError(Exception):
    """The configuration cannot be used; one line a key, each naming it."""


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
    credit_reports_days: Annotated[int, Field(ge=1)] = 1825
    access_days: Annotated[int, Field(ge=1)] = 1095
    unfollowed_days: Annotated[int, Field(ge=1)] = 30


class Authorization(Section):
    """How long consents hold, and who asks for them."""

    credit_data_days: Annotated[int, Field(ge=1, le=3650)] = 365
    passing_on_days: Annotated[int, Field(ge=1, le=3650)] = 90
    face_days: Annotated[int, Field(ge=1, le=30)] = 1
    remind_days: tuple[Annotated[int, Field(ge=1)], ...] = (7, 1)
    operator: Annotated[str, Field(min_length=1, max_length=60)] = "融桥融资服务平台"
    contact: Annotated[str, Field(min_length=1, max_length=100)] = "在本服务号对话中回复“人工”"


class Credit(Section):
    """What is kept about companies, and how soon objections are answered."""

    indicator_files: tuple[Path, ...] = ()
    objection_days: Annotated[int, Field(ge=1, le=DAYS)] = DAYS
    scorecard: Path = Path("reference/scorecard.yml")

    @field_validator("indicator_files")
    @classmethod
    def _can_be_read(cls, files: tuple[Path, ...]) -> tuple[Path, ...]:
        """A relative path counts from the root of the project."""
        files = tuple(PROJECT / file for file in files)
        try:
            registry.load(files)
        except RegistryError as error:
            raise ValueError(str(error)) from error
        return files

    @property
    def indicators(self) -> Registry:
        return registry.load(self.indicator_files)

    @property
    def scorecard_file(self) -> Path:
        """A relative path counts from the root of the project, where the standard one lies."""
        return PROJECT / self.scorecard


class Campaigns(Section):
    """Who may send campaigns."""

    four_eyes: bool = True


class CityRules(Section):
    """Rules of the city."""

    grant_after_days: Annotated[int, Field(ge=0)] = 0
    max_followers: Annotated[int, Field(ge=1)] = 3
    decision_days_kind: Literal["calendar", "working"] = "calendar"
    admission_before: Literal["publication", "passing_on"] = "publication"


class Registration(Section):
    """How companies are registered."""

    reviews: Literal["auto"] | frozenset[Review] = "auto"
    activation: bool = True
    kinds: Mapping[Annotated[str, Field(pattern=r"^[a-z0-9_]{1,32}$")], Annotated[str, Field(min_length=1)]]
    register_url: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""
    register_timeout_seconds: Annotated[float, Field(gt=0, le=15)] = 3

    @field_validator("kinds")
    @classmethod
    def _has_one(cls, kinds: Mapping[str, str]) -> Mapping[str, str]:
        if not kinds:
            raise ValueError("must name at least one kind of company")
        return kinds


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


class Settings(BaseSettings):
    """The whole configuration."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_nested_delimiter=_DELIMITER, extra="forbid", frozen=True
    )

    data_dir: Path = Path("var")
    server: Server = Server()
    wechat: WeChat
    database: DatabaseSection = DatabaseSection()
    redis: RedisSection = RedisSection()
    nlu: Nlu = Nlu()
    transcription: Transcription = Transcription()
    identity: Identity = Identity()
    api: Api = Api()
    catalogue: Catalogue = Catalogue()
    notify: Notify = Notify()
    pages: Pages = Pages()
    authorization: Authorization = Authorization()
    retention: Retention = Retention()
    credit: Credit = Credit()
    campaigns: Campaigns = Campaigns()
    domain: CityRules = CityRules()
    registration: Registration
    sandbox: Sandbox = Sandbox()
    secrets: Secrets = Secrets()
    log: Log = Log()

    def make_data_dir(self) -> None:
        """Personal data lie there: nobody else on the machine may look in."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self.data_dir.chmod(0o700)

    @property
    def sandbox_on(self) -> bool:
        if self.sandbox.enabled == "auto":
            return not self.wechat.app_id
        return self.sandbox.enabled

    @property
    def authorization_rules(self) -> AuthorizationRules:
        return AuthorizationRules(**self.authorization.model_dump(), records_days=self.retention.access_days)

    @property
    def registration_rules(self) -> Rules:
        reviews = self.registration.reviews
        if reviews == "auto":
            reviews = frozenset() if self.sandbox_on else frozenset(Review)
        return Rules(reviews, self.registration.activation, self.registration.kinds)

    @property
    def wechat_api(self) -> str:
        """Base address of the WeChat API, without a slash at the end."""
        own = f"{self.server.local_address}/sandbox/wechat" if self.sandbox_on else WECHAT_API
        return (self.wechat.api_base_url or own).rstrip("/")

    @property
    def database_url(self) -> str:
        return self.database.url or f"sqlite:///{self.data_dir.resolve() / 'rongqiao.db'}"

    def require_secrets(self) -> Self:
        """Without the sandbox the account's secrets must be there, and always those of a chosen provider.

        Raises:
            ConfigError: naming each key that is missing or cannot be so.
        """
        needed = {**self._of_account(), **self._of_transcription(), **self._of_identity()}
        missing = [f"{key}: is missing" for key, value in needed.items() if not value]
        if self.identity.provider == "sandbox" and not self.sandbox_on:
            missing.append("identity.provider: sandbox works only while the sandbox is on")
        if missing:
            raise ConfigError("\n".join(missing))
        return self

    def _of_account(self) -> dict[str, str]:
        if self.sandbox_on:
            return {}
        needed = {
            "wechat.app_id": self.wechat.app_id,
            "wechat.app_secret": self.wechat.app_secret.get_secret_value(),
            "wechat.token": self.wechat.token.get_secret_value(),
            "secrets.encryption_key": self.secrets.encryption_key.get_secret_value(),
        }
        if self.wechat.encryption != "plain":
            needed["wechat.encoding_aes_key"] = self.wechat.encoding_aes_key.get_secret_value()
        return needed

    def _of_transcription(self) -> dict[str, str]:
        if self.transcription.provider != "tencent":
            return {}
        return {
            "transcription.secret_id": self.transcription.secret_id.get_secret_value(),
            "transcription.secret_key": self.transcription.secret_key.get_secret_value(),
        }

    def _of_identity(self) -> dict[str, str]:
        chosen = self.identity
        needed: dict[str, str] = {}
        if "tencent" in {chosen.provider, chosen.enterprise}:
            needed["identity.secret_id"] = chosen.secret_id.get_secret_value()
            needed["identity.secret_key"] = chosen.secret_key.get_secret_value()
        if chosen.provider == "tencent":
            needed["identity.rule_id"] = chosen.rule_id
        return needed


def load(path: Path | None = None) -> Settings:
    """Read the file and the environment.

    Raises:
        ConfigError: one line for each unknown key, wrong value or missing secret.
    """
    file = path or PROJECT / "config.yml"
    if not file.is_file():
        raise ConfigError(f"{file}: there is no such file")

    class FromFile(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            del init_settings, dotenv_settings, file_secret_settings
            return env_settings, YamlConfigSettingsSource(settings_cls, yaml_file=file)

    _refuse_unknown_variables()
    try:
        return FromFile().require_secrets()  # type: ignore[call-arg]  # the sources fill what is required
    except ValidationError as error:
        raise ConfigError("\n".join(_lines(error))) from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{file.name}: is not YAML ({str(error).splitlines()[0]})") from error
    except SettingsError as error:
        raise ConfigError(str(error)) from error
    except ValueError as error:
        raise ConfigError(f"{file.name}: must hold keys and their values") from error


def _refuse_unknown_variables() -> None:
    """pydantic-settings overlooks a misspelt section; an operator must not."""
    for name in os.environ:
        if name.startswith(_PREFIX):
            section = name.removeprefix(_PREFIX).lower().split(_DELIMITER)[0]
            if section not in Settings.model_fields:
                raise ConfigError(f"{name}: there is no key «{section}»")


def _lines(error: ValidationError) -> list[str]:
    return [f"{_key(item['loc'])}: {_reason(item)}" for item in error.errors(include_input=False)]


def _key(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location)


def _reason(item: Mapping[str, Any]) -> str:
    return {"extra_forbidden": "there is no such key", "missing": "is missing"}.get(
        item["type"], str(item["msg"])
    )
