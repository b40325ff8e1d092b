"""What a test orders of an account: operations that are refused, reads that lag behind one, boots that go wrong."""

from __future__ import annotations

from dataclasses import dataclass

STATUS = {"RequestLimitExceeded": 503, "InternalError": 500, "UnauthorizedOperation": 403}
MESSAGES = {
    "RequestLimitExceeded": "Request limit exceeded.",
    "UnauthorizedOperation": "You are not authorized to perform this operation.",
}
ALLOWED = "Request would have succeeded, but DryRun flag is set."


@dataclass
class Refusal:
    """An error that an operation is answered with."""

    code: str
    times: float

    @property
    def status(self) -> int:
        """Returns the status that AWS sends with the code."""
        return STATUS.get(self.code, 400)

    @property
    def message(self) -> str:
        """Returns AWS's words, where they matter."""
        return MESSAGES.get(self.code, "The request was refused.")


@dataclass
class Boot:
    """How the next boots of NATs end.

    `fail` with a reason; `hang`, with nothing more on the console; `deaf`: it forwards, but without a heartbeat, for a reason if there is
    one; `end`: the instance is terminated.
    """

    outcome: str
    reason: str
    times: float


class Orders:
    """Orders by operation, as AWS writes it: `ReplaceRoute`."""

    def __init__(self) -> None:
        self._refusals: dict[str, Refusal] = {}
        self._lags: dict[str, float] = {}
        self._boot = Boot("", "", 0)

    def refuse(self, operation: str, code: str, times: float) -> None:
        """Has the operation refused so many times; no more with 0 times."""
        self._refusals[operation] = Refusal(code, times)

    def lag(self, operation: str, seconds: float) -> None:
        """Has reads lag for so long behind the next call of the operation."""
        self._lags[operation] = seconds

    def refusal(self, operation: str) -> Refusal | None:
        """Returns the error for a call, and counts it."""
        found = self._refusals.get(operation)
        if found is None or found.times <= 0:
            return None
        found.times -= 1
        return found

    def lag_behind(self, operation: str) -> float | None:
        """Returns how long reads are to lag behind this call."""
        return self._lags.pop(operation, None)

    def boots(self, outcome: str, reason: str, times: float) -> None:
        """Has so many boots end so."""
        self._boot = Boot(outcome, reason, times)

    def boot(self) -> Boot:
        """Returns how a boot is to end, and counts it."""
        if self._boot.times <= 0:
            return Boot("", "", 0)
        self._boot.times -= 1
        return self._boot
