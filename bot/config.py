"""Settings: `config.yml` and the environment become one frozen, typed record, or one clear error."""

import os
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    YamlConfigSettingsSource,
)

from bot.city_sections import (
    Authorization,
    Campaigns,
    Cases,
    CityRules,
    Credit,
    Incentives,
    Matching,
    Registration,
    Reviewing,
)
from bot.sections import (
    PROJECT,
    Api,
    Catalogue,
    DatabaseSection,
    Identity,
    Log,
    Nlu,
    Notify,
    Pages,
    RedisSection,
    Retention,
    Sandbox,
    Secrets,
    Server,
    Transcription,
    Webhooks,
    WeChat,
)
from domain.authorizations.rules import Rules as AuthorizationRules
from domain.cases.rules import CaseRules
from domain.market.rules import MarketRules
from domain.recommending.rules import ReviewRules
from domain.registrations.rules import Review, Rules
from domain.webhooks.addresses import Addresses

WECHAT_API = "https://api.weixin.qq.com"
_PREFIX = "RONGQIAO_"
_DELIMITER = "__"


class ConfigError(Exception):
    """The configuration cannot be used; one line a key, each naming it."""


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
    matching: Matching = Matching()
    notify: Notify = Notify()
    review: Reviewing = Reviewing()
    pages: Pages = Pages()
    authorization: Authorization = Authorization()
    retention: Retention = Retention()
    cases: Cases = Cases()
    credit: Credit = Credit()
    incentives: Incentives = Incentives()
    campaigns: Campaigns = Campaigns()
    webhooks: Webhooks = Webhooks()
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
        # Where no office looks at who registers, the register must be able to say who he is.
        asks_register = self.identity.enterprise != "none"
        return Rules(
            reviews,
            self.registration.activation,
            self.registration.kinds,
            representative_first=asks_register and not reviews,
        )

    @property
    def case_rules(self) -> CaseRules:
        return CaseRules(**self.cases.model_dump())

    @property
    def webhook_addresses(self) -> Addresses:
        """Where institutions may have events sent; in the sandbox to this machine too."""
        hosts = frozenset(host.lower() for host in self.webhooks.allowed_hosts)
        return Addresses(anywhere=self.sandbox_on, hosts=hosts)

    @property
    def market_rules(self) -> MarketRules:
        return MarketRules(**self.domain.model_dump(include={item.name for item in fields(MarketRules)}))

    @property
    def review_rules(self) -> ReviewRules:
        return ReviewRules(**self.review.model_dump())

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
        if self.identity.enterprise != "none" and not self.registration.activation:
            missing.append("identity.enterprise: is asked at activation; set registration.activation to true")
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
