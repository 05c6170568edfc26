"""Settings: every key with its default, and one clear line for each mistake."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel, SecretStr

from bot.config import ConfigError, Settings, load
from bot.sections import PROJECT
from domain.secrets import new_key
from matching.weights import VARIETY, WEIGHTS

FILE = PROJECT / "config.yml"
DEFAULTS: dict[str, Any] = {
    "data_dir": Path("var"),
    "server.host": "127.0.0.1",
    "server.port": 8080,
    "server.public_url": "",
    "wechat.app_id": "",
    "wechat.app_secret": "",
    "wechat.token": "",
    "wechat.encoding_aes_key": "",
    "wechat.previous_aes_key": "",
    "wechat.encryption": "safe",
    "wechat.api_base_url": "",
    "database.url": "",
    "redis.url": "",
    "nlu.url": "",
    "nlu.port": 0,
    "api.bootstrap_token": "",
    "catalogue.seed": True,
    "notify.quiet_hours": "21:00-08:00",
    "campaigns.four_eyes": True,
    "domain.grant_after_days": 0,
    "domain.max_followers": 3,
    "domain.decision_days_kind": "calendar",
    "domain.offer_hours": 24,
    "domain.remind_hours": 24,
    "domain.grab": False,
    "registration.reviews": "auto",
    "registration.activation": True,
    "registration.register_url": "",
    "sandbox.enabled": "auto",
    "secrets.encryption_key": "",
}
NOTICES = [
    "request_progress",
    "recommendation",
    "follow_up",
    "policy_notice",
    "institution_request",
    "institution_place_free",
    "institution_deadline",
    "risk_warning",
    "repayment_due",
    "renewal_window",
    "registration_result",
    "identity_result",
    "authorization_result",
]
ACCOUNT = {
    "RONGQIAO_WECHAT__APP_ID": "wx0123456789abcdef",
    "RONGQIAO_WECHAT__APP_SECRET": "the-app-secret",
    "RONGQIAO_WECHAT__TOKEN": "the-token",
    "RONGQIAO_WECHAT__ENCODING_AES_KEY": "a" * 43,
    "RONGQIAO_SECRETS__ENCRYPTION_KEY": new_key(),
}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ACCOUNT:
        monkeypatch.delenv(name, raising=False)


def value(settings: Settings, key: str) -> Any:
    found: Any = settings
    for part in key.split("."):
        found = getattr(found, part)
    return found.get_secret_value() if isinstance(found, SecretStr) else found


def leaves(model: type[BaseModel], prefix: str = "") -> set[str]:
    """Every key of the settings, down to the templates' own."""
    keys = set()
    for name, info in model.model_fields.items():
        kind = info.annotation
        inner = isinstance(kind, type) and issubclass(kind, BaseModel)
        keys |= leaves(kind, f"{prefix}{name}.") if inner else {prefix + name}  # type: ignore[arg-type]
    return keys


def written(node: Any, prefix: str = "") -> set[str]:
    if not isinstance(node, dict) or prefix.endswith((".fields.", ".kinds.")):
        return {prefix.removesuffix(".")}
    return {key for name, inner in node.items() for key in written(inner, f"{prefix}{name}.")}


@pytest.mark.parametrize("key", DEFAULTS)
def test_the_fixed_keys_have_their_defaults(key: str) -> None:
    assert value(load(), key) == DEFAULTS[key]


def test_the_file_holds_every_key_with_its_default() -> None:
    assert written(yaml.safe_load(FILE.read_text("utf-8"))) == leaves(Settings)
    assert sorted(load().wechat.templates.by_notice()) == sorted(NOTICES)


@pytest.mark.parametrize(
    ("sandbox", "given", "reviews"),
    [
        ("true", "auto", set()),
        ("false", "auto", {"district", "city"}),
        ("true", '["city", "district"]', {"district", "city"}),
        ("false", '["district"]', {"district"}),
        ("false", "[]", set()),
    ],
)
def test_who_reviews_registrations(
    monkeypatch: pytest.MonkeyPatch, sandbox: str, given: str, reviews: set[str]
) -> None:
    for name, setting in ACCOUNT.items():
        monkeypatch.setenv(name, setting)
    monkeypatch.setenv("RONGQIAO_SANDBOX__ENABLED", sandbox)
    monkeypatch.setenv("RONGQIAO_REGISTRATION__REVIEWS", given)
    rules = load().registration_rules
    assert (rules.reviews, rules.activation, len(rules.kinds)) == (reviews, True, 10)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("REVIEWS", "everybody"),
        ("REVIEWS", '["province"]'),
        ("KINDS", '{"Ten": "十"}'),
        ("KINDS", '{"ten": ""}'),
        ("REGISTER_URL", "register"),
    ],
)
def test_a_rule_of_registration_that_makes_no_sense(
    monkeypatch: pytest.MonkeyPatch, name: str, given: str
) -> None:
    monkeypatch.setenv(f"RONGQIAO_REGISTRATION__{name}", given)
    with pytest.raises(ConfigError, match=f"registration.{name.lower()}"):
        load()


def test_every_key_has_a_comment() -> None:
    lines = FILE.read_text("utf-8").splitlines()
    for line in lines:
        is_key = re.match(r"^ *[a-z_]+: *[^ {]", line) and not re.match(r"^ *(id|fields):", line)
        if is_key:
            assert re.search(r"  # \S", line), f"no comment: {line}"


@pytest.mark.parametrize(
    ("name", "given", "key"),
    [
        ("WEIGHTS__MEANING", "0.5", "matching.weights"),
        ("WEIGHTS__PRICE", "much", "matching.weights.price"),
        ("SAME_INSTITUTION", "0", "matching.same_institution"),
    ],
)
def test_weights_that_make_no_whole(monkeypatch: pytest.MonkeyPatch, name: str, given: str, key: str) -> None:
    monkeypatch.setenv(f"RONGQIAO_MATCHING__{name}", given)
    with pytest.raises(ConfigError, match=key):
        load()


def test_the_ranking_is_the_one_that_is_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = load().matching
    assert (usual.shares, usual.variety) == (WEIGHTS, VARIETY)
    monkeypatch.setenv("RONGQIAO_MATCHING__WEIGHTS__SUPPORT", "0")
    monkeypatch.setenv("RONGQIAO_MATCHING__WEIGHTS__PRICE", "0.18")
    monkeypatch.setenv("RONGQIAO_MATCHING__AMONG_FIRST", "0")
    configured = load().matching
    assert (configured.shares.support, configured.shares.price, configured.variety.first) == (0, 0.18, 0)


@pytest.mark.parametrize(
    ("name", "given", "key", "read"),
    [
        ("RONGQIAO_SERVER__PORT", "9000", "server.port", 9000),
        ("RONGQIAO_DATA_DIR", "/data", "data_dir", Path("/data")),
        ("RONGQIAO_CATALOGUE__SEED", "false", "catalogue.seed", False),
        ("RONGQIAO_NOTIFY__QUIET_HOURS", "", "notify.quiet_hours", ""),
        ("RONGQIAO_SANDBOX__ENABLED", "true", "sandbox.enabled", True),
        ("RONGQIAO_API__BOOTSTRAP_TOKEN", "t0ken", "api.bootstrap_token", "t0ken"),
        ("RONGQIAO_WECHAT__TEMPLATES__FOLLOW_UP__ID", "T-1", "wechat.templates.follow_up.id", "T-1"),
        ("rongqiao_server__host", "0.0.0.0", "server.host", "0.0.0.0"),  # noqa: S104 - read, not bound
    ],
)
def test_the_environment_beats_the_file(
    monkeypatch: pytest.MonkeyPatch, name: str, given: str, key: str, read: Any
) -> None:
    monkeypatch.setenv(name, given)
    settings = load()
    assert value(settings, key) == read
    assert value(settings, "server.public_url") == ""
    assert settings.wechat.templates.follow_up.fields["thing1"] == "title"


@pytest.mark.parametrize(
    ("name", "given", "line"),
    [
        ("RONGQIAO_SERVER__PORT", "eighty", "server.port: "),
        ("RONGQIAO_SERVER__PORT", "70000", "server.port: "),
        ("RONGQIAO_SERVER__PROT", "80", "server.prot: there is no such key"),
        ("RONGQIAO_SERVR__PORT", "80", "there is no key «servr»"),
        ("RONGQIAO_SERVER", "9000", "server: "),
        ("RONGQIAO_SERVER", "here", '"server"'),
        ("RONGQIAO_WECHAT__ENCRYPTION", "none", "wechat.encryption: "),
        ("RONGQIAO_WECHAT__ENCODING_AES_KEY", "short", "wechat.encoding_aes_key: "),
        ("RONGQIAO_WECHAT__REPLY_DEADLINE_SECONDS", "5", "wechat.reply_deadline_seconds: "),
        ("RONGQIAO_DATABASE__URL", "mysql://x", "database.url: "),
        ("RONGQIAO_REDIS__URL", "127.0.0.1:6379", "redis.url: "),
        ("RONGQIAO_NOTIFY__QUIET_HOURS", "25:00-08:00", "notify.quiet_hours: "),
        ("RONGQIAO_NOTIFY__QUIET_HOURS", "21:00", "notify.quiet_hours: "),
        ("RONGQIAO_SECRETS__ENCRYPTION_KEY", "c2hvcnQ=", "secrets.encryption_key: "),
        ("RONGQIAO_SANDBOX__ENABLED", "perhaps", "sandbox.enabled"),
        ("RONGQIAO_DOMAIN__MAX_FOLLOWERS", "0", "domain.max_followers: "),
        ("RONGQIAO_LOG__LEVEL", "LOUD", "log.level: "),
        ("RONGQIAO_TRANSCRIPTION__PROVIDER", "sandbox", "transcription.provider: "),
        ("RONGQIAO_TRANSCRIPTION__TIMEOUT_SECONDS", "60", "transcription.timeout_seconds: "),
        ("RONGQIAO_TRANSCRIPTION__ENGINE", "8k_zh", "transcription.engine: "),
        ("RONGQIAO_TRANSCRIPTION__URL", "https://asr.example/v1", "transcription.url: "),
    ],
)
def test_a_wrong_value_is_one_line_that_names_the_key(
    monkeypatch: pytest.MonkeyPatch, name: str, given: str, line: str
) -> None:
    monkeypatch.setenv(name, given)
    with pytest.raises(ConfigError) as error:
        load()
    assert line in str(error.value)
    assert "Traceback" not in str(error.value)


def test_a_wrong_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RONGQIAO_WECHAT__ENCODING_AES_KEY", "not-a-key-but-secret")
    monkeypatch.setenv("RONGQIAO_SECRETS__ENCRYPTION_KEY", "also-secret")
    with pytest.raises(ConfigError) as error:
        load()
    assert str(error.value).count("\n") == 1
    assert "secret" not in str(error.value).replace("secrets.encryption_key", "")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("server: {port: 1}\nserver: [", "is not YAML"),
        ("- a\n- b\n", "file.yml"),
        ("", "wechat: is missing"),
        ("colour: red\n", "colour: there is no such key"),
        ("server: {port: abc}\n", "server.port"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "file.yml"
    file.write_text(text)
    with pytest.raises(ConfigError) as error:
        load(file)
    assert words in str(error.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        load(tmp_path / "none.yml")


@pytest.mark.parametrize("missing", [name for name in ACCOUNT if not name.endswith("APP_ID")])
def test_an_account_needs_all_its_secrets(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    for name, given in ACCOUNT.items():
        monkeypatch.setenv(name, given)
    assert load().sandbox_on is False
    monkeypatch.delenv(missing)
    key = missing.removeprefix("RONGQIAO_").lower().replace("__", ".")
    with pytest.raises(ConfigError, match=f"^{re.escape(key)}: is missing$"):
        load()


def test_plain_callbacks_need_no_aes_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, given in ACCOUNT.items():
        monkeypatch.setenv(name, given)
    monkeypatch.delenv("RONGQIAO_WECHAT__ENCODING_AES_KEY")
    monkeypatch.setenv("RONGQIAO_WECHAT__ENCRYPTION", "plain")
    assert load().wechat.encryption == "plain"


@pytest.mark.parametrize("account", [{}, ACCOUNT])
def test_a_provider_needs_its_secrets_in_the_sandbox_too(
    monkeypatch: pytest.MonkeyPatch, account: dict[str, str]
) -> None:
    for name, given in account.items():
        monkeypatch.setenv(name, given)
    monkeypatch.setenv("RONGQIAO_TRANSCRIPTION__PROVIDER", "tencent")
    monkeypatch.setenv("RONGQIAO_TRANSCRIPTION__SECRET_ID", "AKIDxyz")
    with pytest.raises(ConfigError, match=r"^transcription\.secret_key: is missing$"):
        load()
    monkeypatch.setenv("RONGQIAO_TRANSCRIPTION__SECRET_KEY", "the-cloud-key")
    assert "the-cloud-key" not in repr(load())


@pytest.mark.parametrize(("reviews", "first"), [("[]", True), ('["city"]', False)])
def test_where_nobody_reviews_the_register_knows_the_representative_alone(
    monkeypatch: pytest.MonkeyPatch, reviews: str, *, first: bool
) -> None:
    monkeypatch.setenv("RONGQIAO_REGISTRATION__REVIEWS", reviews)
    assert not load().registration_rules.representative_first
    for name in ("ENTERPRISE", "SECRET_ID", "SECRET_KEY"):
        monkeypatch.setenv(f"RONGQIAO_IDENTITY__{name}", "tencent")
    assert load().registration_rules.representative_first is first


def test_the_register_is_asked_at_activation(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ENTERPRISE", "SECRET_ID", "SECRET_KEY"):
        monkeypatch.setenv(f"RONGQIAO_IDENTITY__{name}", "tencent")
    monkeypatch.setenv("RONGQIAO_REGISTRATION__ACTIVATION", "false")
    with pytest.raises(ConfigError, match=r"^identity\.enterprise: .*registration\.activation"):
        load()


@pytest.mark.parametrize(
    ("app_id", "enabled", "base", "on", "api"),
    [
        ("", "auto", "", True, "http://127.0.0.1:8080/sandbox/wechat"),
        ("wx1", "auto", "", False, "https://api.weixin.qq.com"),
        ("wx1", "true", "", True, "http://127.0.0.1:8080/sandbox/wechat"),
        ("wx1", "true", "https://proxy.example/", True, "https://proxy.example"),
        ("wx1", "auto", "https://proxy.example", False, "https://proxy.example"),
    ],
)
def test_the_sandbox_is_on_only_without_an_account(
    monkeypatch: pytest.MonkeyPatch,
    app_id: str,
    enabled: str,
    base: str,
    on: bool,  # noqa: FBT001 - a table
    api: str,
) -> None:
    for name, given in ACCOUNT.items():
        monkeypatch.setenv(name, given)
    monkeypatch.setenv("RONGQIAO_WECHAT__APP_ID", app_id)
    monkeypatch.setenv("RONGQIAO_SANDBOX__ENABLED", enabled)
    monkeypatch.setenv("RONGQIAO_WECHAT__API_BASE_URL", base)
    settings = load()
    assert settings.sandbox_on is on
    assert settings.wechat_api == api


def test_settings_do_not_show_their_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, given in ACCOUNT.items():
        monkeypatch.setenv(name, given)
    shown = f"{load()!r} {load()}"
    assert "wx0123456789abcdef" in shown
    assert not any(secret in shown for name, secret in ACCOUNT.items() if not name.endswith("APP_ID"))


def test_several_rasa_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RONGQIAO_NLU__URL", "http://a:5005/, http://b:5005")
    assert load().nlu.urls == ["http://a:5005", "http://b:5005"]
