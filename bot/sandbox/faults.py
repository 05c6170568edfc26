"""Switches for the bad days of WeChat: errors, delays, lost connections, receipts that come twice."""

from dataclasses import dataclass


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
    receipts_twice: bool = False
    receipt_status: str = ""
    """Status of every receipt from now on, such as `failed: system failed`; empty: what really happened."""
    receipts_lost: bool = False

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

    def take_drop(self, path: str) -> bool:
        if self.drop_calls <= 0 or not self._concerns(path):
            return False
        self.drop_calls -= 1
        return True
