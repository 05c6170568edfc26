"""The templates of the notices against those of the account: ids, fields, and what a field can hold."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.doctor.finding import Finding, fine, note, warn, wrong
from bot.doctor.patient import Patient
from bot.doctor.platform import NoToken, PlatformRefusal, PlatformSilent
from bot.sections import Template
from notify.registry import NOTICES

_PATH = "/cgi-bin/template/get_all_private_template"
_FIELD = re.compile(r"\{\{\s*(\w+)\.DATA\s*\}\}")
_TYPE = re.compile(r"([a-z_]+?)\d*")
_SANDBOX_ID = "SANDBOX-"
_IN_USE = {notice.name for notice in NOTICES}

_MOMENTS = {"time", "deadline", "due_on"}
_SUMS = {"amount"}
_CODES = {"request_id"}
_SHORT = {"status", "severity", "result"}
_NAMES = {"adviser"}
# Types of fields that take some values only; `thing` and `const` take any text.
_TAKES: Mapping[str, set[str]] = {
    "time": _MOMENTS,
    "date": _MOMENTS,
    "amount": _SUMS,
    "number": _SUMS,
    "character_string": _CODES | _SUMS,
    "phrase": _SHORT,
    "name": _NAMES,
    "letter": set(),
    "symbol": set(),
    "phone_number": set(),
    "car_number": set(),
}
_TEXTS = {"thing", "const"}


async def examine(patient: Patient) -> list[Finding]:
    try:
        listed = await patient.platform.ask_as_account(_PATH)
    except NoToken:
        return [note("没有 access_token，查不到账号的模板")]
    except (PlatformRefusal, PlatformSilent) as trouble:
        return [wrong(f"取不到账号的模板列表（{trouble}）", "确认公众号已认证，并开通了模板消息")]
    known = {str(item.get("template_id")): item for item in listed.get("template_list", [])}
    configured = patient.settings.wechat.templates.by_notice()
    found = [
        finding
        for notice, template in configured.items()
        for finding in _examined(notice, template, known.get(template.id))
    ]
    idle = sum(_is_idle(notice, template, known) for notice, template in configured.items())
    if idle:
        found.append(note(f"另有 {idle} 种通知还没有启用，暂时不需要模板"))
    return found


def _is_idle(notice: str, template: Template, known: Mapping[str, Any]) -> bool:
    """A notice that nothing sends, left at its default."""
    return notice not in _IN_USE and template.id.startswith(_SANDBOX_ID) and template.id not in known


def _examined(notice: str, template: Template, there: Mapping[str, Any] | None) -> Iterator[Finding]:
    key = f"wechat.templates.{notice}"
    if there is None:
        if notice in _IN_USE:
            yield wrong(f"{notice}：账号里没有模板 {template.id}", _add_it(key))
        elif not template.id.startswith(_SANDBOX_ID):
            yield warn(f"{notice}：账号里没有模板 {template.id}（这种通知还没有启用）", _add_it(key))
        return
    title, fields = there.get("title", ""), _FIELD.findall(str(there.get("content", "")))
    bad = [*_unknown(notice, template, title, fields), *_unfilled(notice, template, title, fields)]
    bad += [
        finding
        for field, value in template.fields.items()
        if field in fields
        for finding in _fitting(notice, field, value)
    ]
    yield from bad
    if not bad:
        yield fine(f"{notice}：「{title}」的 {len(fields)} 个字段都对得上")


def _add_it(key: str) -> str:
    return f"到 mp.weixin.qq.com「广告与服务 → 模板消息」添加模板，把它的 ID 写进 {key}.id"


def _unknown(notice: str, template: Template, title: str, fields: list[str]) -> Iterator[Finding]:
    for field in template.fields:
        if field not in fields:
            yield wrong(
                f"{notice}：模板「{title}」没有字段 {field}，发送会被拒绝（47003）",
                f"模板的字段是 {'、'.join(fields)}，照此改 wechat.templates.{notice}.fields",
            )


def _unfilled(notice: str, template: Template, title: str, fields: list[str]) -> Iterator[Finding]:
    for field in fields:
        if field not in template.fields:
            yield wrong(
                f"{notice}：模板「{title}」的字段 {field} 没有内容可填，发送会被拒绝（47003）",
                f"在 wechat.templates.{notice}.fields 里给 {field} 指定内容，或换一个模板",
            )


def _fitting(notice: str, field: str, value: str) -> Iterator[Finding]:
    """Whether a field of that type can carry the value."""
    found = _TYPE.fullmatch(field)
    kind = found[1] if found else field
    where = f"wechat.templates.{notice}.fields"
    if kind not in _TAKES and kind not in _TEXTS:
        yield warn(
            f"{notice}：{field} 是历史模板的字段，微信可能折叠或拒绝",
            "换成类目模板（字段形如 thing1、time2）",
        )
    elif kind == "const":
        yield warn(
            f"{notice}：{field} 只收审核过的固定词，{value} 不一定在其中",
            f"在 {where} 里改用 thing 类型的字段",
        )
    elif kind == "phrase" and value not in _SHORT:
        yield warn(
            f"{notice}：{field} 只容得下 5 个汉字，{value} 会被截断", f"在 {where} 里改用 thing 类型的字段"
        )
    elif value not in _TAKES.get(kind, {value}):
        yield wrong(
            f"{notice}：{field} 是 {kind} 类型，装不下 {value}，发送会被拒绝（47003）",
            f"在 {where} 里换一个字段；文字用 thing，时间用 time，金额用 amount",
        )
