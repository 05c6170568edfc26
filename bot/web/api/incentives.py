"""`/api/v1/incentives` and `/guarantee-funds`: what institutions have earned, and how far funds are used."""

from typing import Any

from aiohttp import web

from bot.web.api.access import CALLER, Caller, allowed
from bot.web.api.queries import text, whole_number
from bot.web.keys import DATABASE, INCENTIVE_RULES, RISK_SCHEMES
from bot.web.problems import Problem, bad_request, not_found
from domain.base import today_in_china, utcnow
from domain.clients import Role
from domain.incentives import reporting
from domain.incentives.lines import Unit
from domain.incentives.reporting import Report
from domain.risk_sharing.sharing import Losses, fee, split
from domain.risk_sharing.standing import Standing, standings

routes = web.RouteTableDef()


@routes.get("/incentives")
@allowed(Role.OPERATOR, Role.GOVERNMENT, Role.INSTITUTION)
async def get_report(request: web.Request) -> web.Response:
    """A year's report; an institution sees its own lines."""
    today = today_in_china()
    year = whole_number(request, "year", today.year)
    institution = _institution(request[CALLER], text(request, "institution"))
    found = await reporting.report(request.app[DATABASE], request.app[INCENTIVE_RULES], year, today)
    return web.json_response(_as_json(found, institution))


def _institution(caller: Caller, asked: str | None) -> str | None:
    if caller.role is not Role.INSTITUTION:
        return asked
    if asked not in {None, caller.institution} or caller.institution is None:
        raise Problem(403, "Forbidden", "机构只能查询本机构的奖励", field="institution")
    return caller.institution


@routes.post("/incentives/{year}/close")
@allowed(Role.OPERATOR)
async def close_year(request: web.Request) -> web.Response:
    """Keep the year's report as it stands; what is left goes on to the next year."""
    now = utcnow()
    found = await reporting.close(
        request.app[DATABASE],
        request.app[INCENTIVE_RULES],
        _year(request.match_info["year"]),
        by=request[CALLER].actor,
        now=now,
        today=today_in_china(now),
    )
    return web.json_response(_as_json(found, None))


def _year(digits: str) -> int:
    """The year, or one that no rules know."""
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= len("2026") else 0


def _as_json(found: Report, institution: str | None) -> dict[str, Any]:
    lines = found.lines if institution is None else found.of(institution)
    items = [{"institution": name, "total": _total(own), "lines": own} for name, own in sorted(lines.items())]
    return {
        "year": found.year,
        "rules": {"version": found.version, "checksum": found.rules},
        "inputs": found.inputs,
        "closed_at": found.closed_at.isoformat() if found.closed_at else None,
        "items": items,
        "total": _total([line for own in lines.values() for line in own]),
    }


def _total(lines: list[dict[str, Any]]) -> dict[str, int]:
    """What is paid, placed and lent are different things: each has its own sum."""
    return {unit: sum(line["result"] for line in lines if line["unit"] == unit) for unit in Unit}


@routes.get("/guarantee-funds")
@allowed(Role.OPERATOR, Role.GOVERNMENT)
async def list_funds(request: web.Request) -> web.Response:
    """How far each fund is used, and who bore which losses."""
    funds = await standings(request.app[DATABASE], request.app[RISK_SCHEMES])
    return web.json_response(
        {"items": [{"code": code} | _fund_as_json(fund) for code, fund in funds.items()]}
    )


@routes.get("/guarantee-funds/{code}/terms")
@allowed(Role.OPERATOR, Role.GOVERNMENT, Role.ADVISER, Role.INSTITUTION)
async def get_terms(request: web.Request) -> web.Response:
    """Shares and fee for a score, and each party's part of the amount if all of it were lost."""
    scheme = request.app[RISK_SCHEMES].get(request.match_info["code"])
    if scheme is None:
        raise not_found("没有这个风险分担方案")
    score = whole_number(request, "score", 0) if "score" in request.query else None
    amount, months = whole_number(request, "amount", 0), whole_number(request, "term_months", 12)
    if amount > scheme.company_most:
        raise bad_request(f"amount 超过单户上限 {scheme.company_most} 元", field="amount")
    band = scheme.band_of(score)
    if band is None:
        raise bad_request("分担比例取决于信用评分，请填写这个方案接受的 score", field="score")
    answer = {
        "shares": {"fund": float(band.fund), "bank": float(band.bank), "guarantor": float(band.guarantor)},
        "fee_rate": None if band.fee_rate is None else float(band.fee_rate),
        "fee": fee(amount, months, band),
        "losses": _parts(split(amount, band)),
    }
    return web.json_response(answer)


def _fund_as_json(fund: Standing) -> dict[str, Any]:
    return {
        "name": fund.scheme.name,
        "fund_size": fund.scheme.fund_size,
        "leverage_least": fund.scheme.leverage_least,
        "company_most": fund.scheme.company_most,
        "loans": fund.loans,
        "balance": fund.balance,
        "leverage": float(fund.leverage),
        "missing": fund.missing,
        "above_cap": list(fund.above_cap),
        "losses": _parts(fund.paid),
        "loss_loans": [
            {
                "loan_id": loss.loan_id,
                "institution": loss.institution,
                "loss": loss.loss,
                "parts": _parts(loss.parts) if loss.parts else None,
            }
            for loss in fund.losses
        ],
        "source": fund.scheme.source,
    }


def _parts(losses: Losses) -> dict[str, int]:
    return {
        "fund": losses.fund,
        "bank": losses.bank,
        "guarantor": losses.guarantor,
        "total": losses.total,
    }
