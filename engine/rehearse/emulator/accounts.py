"""The emulated accounts: each has its own pace, pending changes and request log."""

from __future__ import annotations

import heapq
import itertools
import time
from typing import Any, Callable

from moto.core.base_backend import AccountSpecificBackend, BackendDict
from moto.core.common_models import BaseModel

from .orders import Orders

DEFAULT_ACCOUNT = "123456789012"

# Durations in units of the pace, which is in seconds.
INSTANCE_STATE = 2.0
NAT_GATEWAY_STATE = 3.0
OPSWORKS_GROUPS = 3.0
OPSWORKS_STAGE = 1.0
PROFILE_USABLE = 4.0


def install() -> None:
    """Has moto not list every model for its dashboard: emptied accounts would stay in memory."""
    BaseModel.__new__ = staticmethod(_untracked)


def _untracked(cls: type, *_args: Any, **_kwargs: Any) -> Any:
    return super(BaseModel, cls).__new__(cls)


class Account:
    """What the emulator keeps of one account beside the resources themselves."""

    def __init__(self, account_id: str, pace: float) -> None:
        self.id = account_id
        self.pace = pace
        self.requests: list[dict[str, Any]] = []
        self.tokens: dict[tuple[str, ...], tuple[Any, Any]] = {}
        self.token: str | None = None
        self.baseline: dict[str, set[str]] = {}
        self.orders = Orders()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._now = time.monotonic()
        self._frozen = False

    def after(self, units: float, change: Callable[[], None]) -> None:
        """Has `change` happen so many units from now."""
        due = self._now + units * self.pace
        heapq.heappush(self._due, (due, next(self._order), change))

    def settle(self) -> None:
        """Makes every change that is due; each sees the time at which it was due."""
        if self._frozen:
            return
        now = time.monotonic()
        while self._due and self._due[0][0] <= now:
            self._now, _, change = heapq.heappop(self._due)
            change()
        self._now = now

    def freeze(self) -> None:
        """Has nothing that is pending happen any more."""
        self._frozen = True

    def set_pace(self, pace: float) -> None:
        """Changes the pace, for what is already pending too."""
        if self.pace > 0:
            share = pace / self.pace
            self._due = [
                (self._now + (due - self._now) * share, order, change)
                for due, order, change in self._due
            ]
            heapq.heapify(self._due)
        self.pace = pace


class Accounts:
    """All accounts, made when first asked for."""

    def __init__(self) -> None:
        self.pace = 1.0
        self._accounts: dict[str, Account] = {}

    def get(self, account_id: str) -> Account:
        """Returns the account, a fresh one if nobody asked for it before."""
        if account_id not in self._accounts:
            self._accounts[account_id] = Account(account_id, self.pace)
        return self._accounts[account_id]

    def forget(self, account_id: str) -> None:
        """Drops the account and all that is in it; its pace goes back to the server's."""
        for backends in set(BackendDict._instances):
            backends.pop(account_id, None)
        # A cache of moto's has the account's backends among its keys.
        AccountSpecificBackend._generate_regions.cache_clear()
        self._accounts.pop(account_id, None)


ACCOUNTS = Accounts()


def of(backend: Any) -> Account:
    """Returns the account that one of moto's backends belongs to."""
    return ACCOUNTS.get(backend.account_id)
