"""From the fields of the registration page to the domain's form, with what is wrong beside each field."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from pydantic import ValidationError

from bot.web.pages.forms import Errors
from bot.web.pages.places import cities, districts, parts_of
from domain.registrations.form import Form

WAN = 10_000
_SENTENCES = {
    "uscc": "统一社会信用代码是 18 位数字和大写字母，请对照营业执照填写。",
    "name": "请填写营业执照上的企业全称。",
    "kind": "请选择一种企业类型。",
    "region": "请选到区县；不设区县的市，选到市。",
    "industry": "请选择所属行业。",
    "role": "请选择您在企业里的身份。",
    "contact": "请填写联系人的姓名。",
    "phone": "请填写手机号，或带区号的座机，例如 0512-65221234。",
    "founded": "请填写成立的日期，例如 2016-05-08。",
    "registered_capital": "请用数字填写注册资本，单位是万元，例如 500。",
}
# Where on the page a field of the form is.
_SHOWN_AT = {"region": "province"}


class Wrong(Exception):
    """The form cannot be taken as it is; `errors` are sentences by field of the page, in its order."""

    def __init__(self, errors: Errors) -> None:
        super().__init__("the form is incomplete")
        self.errors = errors


def read(values: Mapping[str, str]) -> Form:
    """Raises `Wrong`."""
    stated = {
        "uscc": values.get("uscc", "").replace(" ", ""),
        "name": values.get("name", ""),
        "kind": values.get("kind", ""),
        "region": _region(values),
        "industry": values.get("industry"),
        "role": values.get("role"),
        "contact": values.get("contact", ""),
        "phone": values.get("phone", ""),
        "founded": values.get("founded") or None,
        "registered_capital": _yuan(values.get("registered_capital", "")),
        "uscc_confirmed": values.get("uscc_confirmed") == "yes",
    }
    wrong = set() if stated["kind"] else {"kind"}
    try:
        form = Form.model_validate(stated)
    except ValidationError as error:
        wrong |= {str(item["loc"][0]) for item in error.errors(include_input=False) if item["loc"]}
        raise Wrong(_said(wrong)) from error
    if wrong:
        raise Wrong(_said(wrong))
    return form


def shown(form: Form) -> dict[str, str]:
    """The fields of the page that say what the form holds."""
    capital = form.registered_capital
    return {
        "uscc": form.uscc,
        "name": form.name,
        "kind": form.kind,
        **parts_of(form.region),
        "industry": form.industry,
        "role": form.role,
        "contact": form.contact,
        "phone": form.phone,
        "founded": form.founded.isoformat() if isinstance(form.founded, date) else "",
        "registered_capital": f"{Decimal(capital) / WAN:f}" if capital is not None else "",
        # Who confirmed a doubtful code is asked again at once, not after he sent the form.
        **({"uscc_confirmed": ""} if form.uscc_confirmed else {}),
    }


def _said(fields: set[str]) -> dict[str, str]:
    return {_SHOWN_AT.get(name, name): _SENTENCES[name] for name in _SENTENCES if name in fields}


def _region(values: Mapping[str, str]) -> str:
    """The place that was chosen; empty until it is as small as it can be, or where the lists do not fit."""
    province, city, district = (values.get(name, "") for name in ("province", "city", "district"))
    if city not in {place.code for place in cities(province)}:
        return ""
    below = {place.code for place in districts(city)}
    if not below:
        return city
    return district if district in below else ""


def _yuan(text: str) -> str | int | None:
    """万元 as people write it, in yuan; what is no number stays as it is, to be refused."""
    plain = text.replace(",", "").replace("，", "").removesuffix("万元").removesuffix("万").strip()
    if not plain:
        return None
    try:
        return int(Decimal(plain) * WAN)
    except (InvalidOperation, OverflowError, ValueError):
        return text
