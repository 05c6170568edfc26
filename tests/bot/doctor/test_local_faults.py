"""Faults of the machine and its parts, each provoked where it happens."""

import asyncio
import shutil
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from redis.asyncio import Redis
from sqlalchemy import make_url, text

from bot import schema
from bot.doctor import certificate, clock, configuration, database, disk, nlu, redis
from bot.doctor.finding import Finding, Level
from bot.doctor.patient import admitted
from bot.embedded import ports
from bot.embedded.rasa import embedded_rasa
from bot.embedded.valkey import embedded_valkey
from bot.sections import PROJECT
from domain.database import Database
from nlu import training
from tests.bot.doctor.ways import changed, found, worst
from tests.journeys.house import House


async def redis_of(home: House, url: str) -> Finding:
    return worst(await found(changed(home.settings, "redis", {"url": url}), redis.examine))


async def test_redis_that_is_down(well: House) -> None:
    finding = await redis_of(well, f"redis://127.0.0.1:{ports.any_free()}")
    assert finding.level is Level.ERROR
    assert "连不上 Redis" in finding.text


async def test_redis_with_another_password(well: House, tmp_path: Path) -> None:
    async with embedded_valkey(tmp_path) as url:
        assert "密码" in (await redis_of(well, url.replace("redis://:", "redis://:x"))).text


async def test_redis_that_may_not_be_written(well: House, tmp_path: Path) -> None:
    async with embedded_valkey(tmp_path) as url, Redis.from_url(url) as client:
        await client.config_set("maxmemory", "1")
        finding = await redis_of(well, url)
        assert "不能写入" in finding.text
        await client.config_set("maxmemory", "0")
        await client.replicaof("127.0.0.1", ports.any_free())
        assert "只读副本" in (await redis_of(well, url)).text


async def test_redis_that_forgets(well: House, tmp_path: Path) -> None:
    async with embedded_valkey(tmp_path) as url, Redis.from_url(url) as client:
        await client.config_set("maxmemory", "100mb")
        await client.config_set("maxmemory-policy", "allkeys-lru")
        finding = await redis_of(well, url)
    assert finding.level is Level.WARNING
    assert "allkeys-lru" in finding.text


async def test_an_embedded_valkey_that_does_not_run(well: House, tmp_path: Path) -> None:
    settings = well.settings.model_copy(update={"data_dir": tmp_path})
    shutil.copy(well.settings.data_dir / "sandbox-account.json", tmp_path)
    assert "没在运行" in worst(await found(settings, redis.examine)).text


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        (tmp_path / "own.db").touch()
        return f"sqlite:///{tmp_path / 'own.db'}"
    return str(request.getfixturevalue("postgres_url"))


async def database_of(home: House, url: str) -> list[Finding]:
    return await found(changed(home.settings, "database", {"url": url}), database.examine)


async def test_a_database_from_empty_to_present(well: House, url: str) -> None:
    assert "还没有表" in worst(await database_of(well, url)).text
    own = Database(url)
    try:
        await schema.migrate(own, "0001")
        behind = worst(await database_of(well, url))
        await schema.migrate(own)
        present = await database_of(well, url)
    finally:
        await own.aclose()
    assert behind.level is Level.ERROR
    assert "表结构是 0001" in behind.text
    assert "run.py migrate" in behind.remedy
    assert worst(present).level is Level.OK
    assert "可以写入" in present[-1].text


async def test_a_database_that_may_not_be_written(well: House, postgres_url: str) -> None:
    own = Database(postgres_url)
    try:
        await schema.migrate(own)
        name = make_url(postgres_url).database
        async with own.unit_of_work() as session:
            await session.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
    finally:
        await own.aclose()
    finding = worst(await database_of(well, postgres_url))
    assert "不能写入（ReadOnlySQLTransactionError 25006）" in finding.text


async def test_a_database_that_is_not_there(well: House, tmp_path: Path) -> None:
    file = tmp_path / "none.db"
    assert "还不存在" in worst(await database_of(well, f"sqlite:///{file}")).text
    assert not file.exists(), "asking for it does not make it"
    nowhere = f"postgresql+asyncpg://a:b@127.0.0.1:{ports.any_free()}/c"
    assert "连不上数据库" in worst(await database_of(well, nowhere)).text


async def test_the_clock_of_postgresql(well: House, postgres_url: str) -> None:
    findings = await found(changed(well.settings, "database", {"url": postgres_url}), clock.examine)
    assert [finding.text for finding in findings] == ["与微信的时间一致", "与数据库的时间一致"]


async def nlu_of(home: House, url: str) -> list[Finding]:
    return await found(changed(home.settings, "nlu", {"url": url}), nlu.examine)


async def test_rasa_that_is_down(well: House) -> None:
    finding = worst(await nlu_of(well, f"http://127.0.0.1:{ports.any_free()}?token=s3cret"))
    assert finding.level is Level.ERROR
    assert "关键词" in finding.text
    assert "s3cret" not in finding.text


async def test_rasa_with_another_model(well: House, tmp_path: Path) -> None:
    model = tmp_path / "another.tar.gz"
    shutil.copy(training.model_path(PROJECT), model)
    async with embedded_rasa(PROJECT, tmp_path, lambda: model) as url:
        finding = worst(await nlu_of(well, url))
    assert finding.level is Level.WARNING
    assert "another.tar.gz" in finding.text
    assert "run.py train" in finding.remedy


@pytest.mark.parametrize(("gib", "level"), [(0.1, Level.ERROR), (1.0, Level.WARNING), (100.0, Level.OK)])
def test_room_on_the_disk(gib: float, level: Level) -> None:
    finding = disk.judge(int(gib * 2**30))
    assert finding.level is level
    assert f"{gib:.1f} GiB" in finding.text


async def test_the_disk_of_a_folder_that_is_not_there_yet(well: House) -> None:
    async with admitted(well.settings) as patient:
        deep = well.settings.model_copy(update={"data_dir": well.settings.data_dir / "deep" / "er"})
        (finding,) = await disk.examine(replace(patient, settings=deep))
    assert "GiB" in finding.text
    assert not deep.data_dir.exists()


@asynccontextmanager
async def tls(folder: Path, days: float) -> AsyncIterator[tuple[str, Path]]:
    """A server with a certificate that ends in so many days; its address and the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rongqiao test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days, hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file, private = folder / "certificate.pem", folder / "key.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file, private)
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", file


@pytest.mark.parametrize(
    ("days", "trusted", "level", "said"),
    [
        (90, True, Level.OK, "还有 90 天"),
        (20, True, Level.WARNING, "还有 20 天"),
        (3, True, Level.ERROR, "还有 3 天"),
        (-1, True, Level.ERROR, "expired"),
        (90, False, Level.ERROR, "不受信任"),
    ],
)
async def test_the_certificate(
    well: House,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    days: int,
    trusted: bool,
    level: Level,
    said: str,
) -> None:
    async with tls(tmp_path, days) as (url, file):
        if trusted:
            monkeypatch.setenv("SSL_CERT_FILE", str(file))
        settings = changed(well.settings, "server", {"public_url": url})
        (finding,) = await found(settings, certificate.examine)
    assert finding.level is level
    assert said in finding.text


async def test_no_certificate_where_nothing_listens(well: House) -> None:
    settings = changed(well.settings, "server", {"public_url": f"https://127.0.0.1:{ports.any_free()}"})
    (finding,) = await found(settings, certificate.examine)
    assert "取不到证书" in finding.text


@pytest.mark.parametrize(
    ("section", "values", "said"),
    [
        ("server", {"public_url": ""}, "没有填写 server.public_url"),
        ("server", {"public_url": "http://bank.example.com"}, "没有加密"),
        ("server", {"public_url": "https://localhost"}, "内网"),
        ("server", {"public_url": "https://192.168.1.5"}, "内网"),
        ("server", {"public_url": "https://bank.example.com:8443"}, "8443"),
        ("wechat", {"encoding_aes_key": "!" * 43}, "encoding_aes_key 不是有效"),
        ("wechat", {"previous_aes_key": "!" * 43}, "previous_aes_key 不是有效"),
    ],
)
async def test_configurations_that_cannot_work(
    well: House, section: str, values: dict[str, Any], said: str
) -> None:
    findings = await found(_live(well, section, values), configuration.examine)
    assert any(said in finding.text for finding in findings if finding.level is Level.ERROR)


@pytest.mark.parametrize(
    ("section", "values", "said"),
    [
        ("wechat", {"encryption": "plain"}, "明文"),
        ("wechat", {"app_id": "gh_123"}, "不像公众号的 AppID"),
        ("api", {"bootstrap_token": "short"}, "太短"),
        ("registration", {"reviews": []}, "也不核对法定代表人"),
    ],
)
async def test_configurations_that_are_unwise(
    well: House, section: str, values: dict[str, Any], said: str
) -> None:
    findings = await found(_live(well, section, values), configuration.examine)
    assert any(said in finding.text for finding in findings if finding.level is Level.WARNING)


async def test_a_configuration_without_fault(well: House) -> None:
    live = _live(well, "api", {"bootstrap_token": "k" * 32})
    findings = await found(live, configuration.examine)
    assert {finding.level for finding in findings} == {Level.OK}


def _live(home: House, section: str, values: dict[str, Any]) -> Any:
    """As with a real account: no sandbox, a public address."""
    live = changed(home.settings, "sandbox", {"enabled": False})
    live = changed(live, "server", {"public_url": "https://rongqiao.example.com"})
    return changed(live, section, values)
