"""Switches for the bad days of WeChat: errors, delays, lost connections, what comes twice or never."""

from dataclasses import dataclass, field, fields
from enum import Enum, auto
from typing import Any

_FAILS_EVERY = 7
_DOUBLES_EVERY = 5


class Break(Enum):
    """How a call's connection goes wrong."""

    BEFORE = auto()
    """It breaks before the call has any effect."""
    AFTER = auto()
    """The call takes effect, but its answer never arrives: the caller cannot know."""
    HANG = auto()
    """The call takes effect and then nothing comes until the caller gives up."""


@dataclass(frozen=True)
class ReceiptPlan:
    status: str
    copies: int


@dataclass
class Faults:
    """Each counter wears off by one a use; the flags stay until they are put back."""

    fail_calls: int = 0
    fail_errcode: int = -1
    only_path: str = ""
    """Only calls whose path contains this fail, are delayed or dropped; empty: all of them."""
    delay_calls: int = 0
    delay_seconds: float = 0.0
    drop_calls: int = 0
    """Calls that take effect while their connection breaks before the answer: the caller cannot know."""
    lose_calls: int = 0
    """Calls whose connection breaks before they take effect."""
    hang_calls: int = 0
    """Calls that take effect and are never answered, until the caller gives up."""
    pushes_twice: bool = False
    """Every push comes twice at once, same bytes."""
    receipts_twice: bool = False
    receipt_status: str = ""
    """Status of every receipt from now on, such as `failed: system failed`; empty: what really happened."""
    receipts_lost: bool = False
    receipts_mixed: bool = False
    """As on a real day: every seventh receipt reports a system failure, every fifth comes twice."""
    receipt_extra_delay: float = 0.0
    """Seconds by which receipts come later than usual."""
    _receipts: int = field(default=0, repr=False)

    def switches(self) -> dict[str, Any]:
        """As they stand now, by name."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.repr}

    def _concerns(self, path: str) -> bool:
        return self.only_path in path

    def take_failure(self, path: str) -> int:
        """The errcode with which this call is to fail; 0: it is not."""
        if self.fail_calls <= 0 or not self._concerns(path):
            return 0
        self.fail_calls -= 1
        return self.fail_errcode

    def take_delay(self, path: str) -> float:
        if self.delay_calls <= 0 or not self._concerns(path):
            return 0.0
        self.delay_calls -= 1
        return self.delay_seconds

    def take_break(self, path: str) -> Break | None:
        for name, way in (
            ("lose_calls", Break.BEFORE),
            ("drop_calls", Break.AFTER),
            ("hang_calls", Break.HANG),
        ):
            left = getattr(self, name)
            if left > 0 and self._concerns(path):
                setattr(self, name, left - 1)
                return way
        return None

    def plan_receipt(self) -> ReceiptPlan:
        """What becomes of the next receipt; an empty status stands for what really happened."""
        if self.receipts_lost:
            return ReceiptPlan("", 0)
        self._receipts += 1
        status, copies = self.receipt_status, 2 if self.receipts_twice else 1
        if self.receipts_mixed:
            status = status or ("failed: system failed" if self._receipts % _FAILS_EVERY == 0 else "")
            copies = 2 if self._receipts % _DOUBLES_EVERY == 0 else copies
        return ReceiptPlan(status, copies)
