"""Records of each kind as other systems send them, and a short way to import them."""

from typing import Any

from domain.database import Database
from domain.importing import Kind, Report, import_rows
from domain.secrets import Cipher

PRODUCT = {"code": "EQ-1", "name": "设备贷", "institution": "苏州银行"}
POLICY = {"code": "P-1", "title": "设备更新贴息", "issuer": "工信局", "level": "city", "kind": "subsidy"}
COMPANY = {"uscc": "91320583MA1MABCD5X", "name": "苏州恒达精密机械有限公司"}
BANK = {"name": "苏州银行", "kind": "bank", "regions": ["320500"]}


async def take(
    database: Database, cipher: Cipher, kind: Kind, rows: list[Any], *, all_or_nothing: bool = False
) -> Report:
    return await import_rows(database, kind, rows, cipher=cipher, all_or_nothing=all_or_nothing)
