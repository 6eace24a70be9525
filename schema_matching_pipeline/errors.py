"""Every fault the product raises on purpose.

A fault is a broken promise; bad data is a finding, never a fault. Each class has a stable ``code`` (the
error code of the command line and the REST interface), says whether trying again may help, keeps its
facts as attributes and builds its own message: what, where, and the way out. No message quotes a value
of a client's data.

::

    SmpError
    ├── UsageError                  the request itself is wrong
    │   ├── ConfigurationError      a settings, trust or canonical file has mistakes (all listed)
    │   ├── UnknownNameError        a name that is not among the known ones (which are listed)
    │   ├── AlreadyExistsError      a name that is taken
    │   └── BadDecisionError        a review decision that makes no sense
    ├── SourceError                 a client's source: the command line exits with 4
    │   ├── SourceUnreachableError  (retryable) no answer, closed port, time-out
    │   ├── SourceRefusedError      wrong password, unknown database, no permission
    │   ├── SourceEmptyError        nothing to read there
    │   ├── SourceUnreadableError   a file or table that cannot be read as what it claims to be
    │   └── SourceDriftedError      it changed since it was looked at
    ├── GateError                   the law said no: the command line exits with 5
    │   ├── GateClosedError         items, checks or approvals hold the gate
    │   ├── InUseError              something that others depend on, and that cannot be removed
    │   ├── NotAllowedError         this person may not decide this
    │   ├── NotKnownError           nobody is known by these credentials
    │   ├── LockedOutError          (retryable) too many logins by that name went wrong
    │   └── StaleDecisionError      somebody else decided first, or the item changed
    ├── RegistryError               our own database
    │   ├── RegistryUnavailableError (retryable) not reachable, or the connection broke
    │   ├── RegistryBusyError       (retryable) two transactions met, or one waited too long
    │   ├── UnsafeRoleError         the application role may do too much
    │   ├── EmbeddedServerError     the embedded server cannot be made, started or stopped
    │   └── MigrationError          the schema cannot be brought to this version
    ├── ClientBusyError             (retryable) another run holds the client's lease
    ├── RunCancelledError           somebody cancelled the run, which goes no further
    ├── IllegalTransitionError      a pipeline state that may not follow the present one
    ├── ServiceError                a service of the running installation does not start, or keeps ending
    ├── RunFailedError              a run of the pipeline ended badly; keeps the phase and the cause's code
    ├── SecretKeyError              the key that opens stored secrets is missing or wrong
    ├── MissingExtraError           an optional library is not installed
    ├── NotificationError           (retryable) a message could not be handed over
    ├── IdentityError               (retryable) the identity provider does not answer, or not as agreed
    └── LanguageModelError          a provider failed for good; the offline answer stands
        └── QuestionRefusedError    providers are there, but this question they do not answer
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import PurePath
from traceback import extract_tb
from typing import ClassVar


class SmpError(Exception):
    """The root of all faults raised on purpose."""

    code: ClassVar[str] = "INTERNAL"
    retryable: ClassVar[bool] = False

    def __reduce__(self) -> tuple[Callable[..., SmpError], tuple[object, ...]]:
        """A fault crosses to another process whole; its class need not be made from its message."""
        return _restored, (type(self), self.args, self.__dict__)


def way_of(error: BaseException) -> tuple[str, ...]:
    """How a fault came about, by files, lines and functions alone: its own words may quote a client's data."""
    return tuple(
        f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}"
        for frame in extract_tb(error.__traceback__)
    )


def _restored(kind: type[SmpError], args: tuple[object, ...], facts: dict[str, object]) -> SmpError:
    fault = kind.__new__(kind, *args)
    fault.args = args
    fault.__dict__.update(facts)
    return fault


class UsageError(SmpError):
    """The request itself is wrong."""

    code = "USAGE"


class ConfigurationError(UsageError):
    """A file of settings has mistakes; all of them are listed, each with its place."""

    code = "CONFIGURATION"

    def __init__(self, what: str, mistakes: Sequence[str]) -> None:
        self.what = what
        self.mistakes = tuple(mistakes)
        listed = "\n".join(f"  - {mistake}" for mistake in self.mistakes)
        super().__init__(f"{what} has {len(self.mistakes)} mistake(s):\n{listed}")


class UnknownNameError(UsageError):
    """A name that is not among the known ones."""

    code = "UNKNOWN_NAME"

    def __init__(self, kind: str, name: str, known: Iterable[str], *, hint: str = "") -> None:
        self.kind, self.name, self.known = kind, name, tuple(sorted(known))
        close = get_close_matches(name, self.known, n=1)
        guess = f" Did you mean {close[0]!r}?" if close else ""
        more = f" and {len(self.known) - 20} more" if len(self.known) > 20 else ""
        shown = f" Known: {', '.join(self.known[:20])}{more}." if self.known else ""
        told = f" {hint}" if hint else "" if shown else " None is known yet."
        super().__init__(f"There is no {kind} named {name!r}.{guess}{shown}{told}")


class AlreadyExistsError(UsageError):
    """A name that is taken."""

    code = "ALREADY_EXISTS"

    def __init__(self, kind: str, name: str, *, hint: str = "Choose another name.") -> None:
        self.kind, self.name = kind, name
        super().__init__(f"A {kind} named {name!r} exists already. {hint}")


class BadDecisionError(UsageError):
    """A review decision that makes no sense: an unknown target, a missing reason."""

    code = "BAD_DECISION"


class SourceError(SmpError):
    """Trouble with a client's source; ``reason`` is a finer code, as a connection test shows it."""

    code = "SOURCE"

    def __init__(self, message: str, *, source: str = "", table: str | None = None, reason: str = "") -> None:
        self.source, self.table, self.reason = source, table, reason
        super().__init__(message)


class SourceUnreachableError(SourceError):
    """No answer from the source; trying again may help."""

    code = "SOURCE_UNREACHABLE"
    retryable = True


class SourceRefusedError(SourceError):
    """The source answered and refused: password, database name or permission."""

    code = "SOURCE_REFUSED"


class SourceEmptyError(SourceError):
    """The source holds nothing to read."""

    code = "SOURCE_EMPTY"


class SourceUnreadableError(SourceError):
    """A file or table that cannot be read as what it claims to be."""

    code = "SOURCE_UNREADABLE"


class SourceDriftedError(SourceError):
    """The source changed since it was looked at."""

    code = "SOURCE_DRIFTED"


class GateError(SmpError):
    """The law said no."""

    code = "GATE"


class GateClosedError(GateError):
    """Items, checks or approvals hold the gate; ``holding`` names them, one line each that begins with its kind.

    Where they are many, the message counts them by kind and names the first.
    """

    code = "GATE_CLOSED"
    shown = 10

    def __init__(self, client: str, gate: str, holding: Sequence[str]) -> None:
        self.client, self.gate, self.holding = client, gate, tuple(holding)
        lines = "\n".join(f"  - {line}" for line in self.holding[: self.shown])
        left_out = len(self.holding) - self.shown
        counted, more, rest = "", "", ""
        if left_out > 0:
            kinds = Counter(line.partition(":")[0] for line in self.holding).most_common()
            counted = (
                f" {len(self.holding):,} hold it: {', '.join(f'{many:,} {kind}' for kind, many in kinds)}."
            )
            more, rest = f"\n  ... and {left_out:,} more", " With `--json` a refusal names each."
        super().__init__(
            f"The {gate} gate of client {client!r} is closed; nothing was published.{counted}\n{lines}{more}\n"
            f"See `smp review list {client}` and `smp status {client}`.{rest}"
        )


class InUseError(GateError):
    """Something cannot be removed, because others depend on it; ``holding`` says how many of which."""

    code = "IN_USE"

    def __init__(self, kind: str, name: str, holding: Mapping[str, int], hint: str) -> None:
        self.kind, self.name, self.holding = kind, name, dict(holding)
        listed = ", ".join(f"{count:,} {what}" for what, count in self.holding.items())
        super().__init__(f"{kind.capitalize()} {name!r} cannot be removed; it has {listed}. {hint}")


class NotAllowedError(GateError):
    """This person may not decide this."""

    code = "NOT_ALLOWED"


class NotKnownError(GateError):
    """Nobody is known by what was shown: a wrong password or key, a session that ended."""

    code = "NOT_KNOWN"


class LockedOutError(GateError):
    """Too many logins by that name went wrong in a row; after a while another may be tried."""

    code = "LOCKED_OUT"
    retryable = True


class StaleDecisionError(GateError):
    """Somebody else decided first, the item changed since it was shown, or something rests on what is taken back.

    ``blocking`` says what rests on it, one line each.
    """

    code = "STALE_DECISION"

    def __init__(self, message: str, blocking: Sequence[str] = ()) -> None:
        self.blocking = tuple(blocking)
        super().__init__(message)


class RegistryError(SmpError):
    """Trouble with our own database."""

    code = "REGISTRY"


class RegistryUnavailableError(RegistryError):
    """The registry does not answer, or the connection broke."""

    code = "REGISTRY_UNAVAILABLE"
    retryable = True


class RegistryBusyError(RegistryError):
    """Two transactions met, or one waited too long; trying again may help."""

    code = "REGISTRY_BUSY"
    retryable = True


class UnsafeRoleError(RegistryError):
    """The application role may do too much, so the gate would not hold."""

    code = "UNSAFE_ROLE"


class EmbeddedServerError(RegistryError):
    """The embedded server cannot be made, started or stopped."""

    code = "EMBEDDED_SERVER"


class MigrationError(RegistryError):
    """The registry's schema cannot be brought to this version."""

    code = "MIGRATION"


class ClientBusyError(SmpError):
    """Another run holds the client's lease."""

    code = "CLIENT_BUSY"
    retryable = True

    def __init__(self, client: str) -> None:
        self.client = client
        super().__init__(
            f"Client {client!r} is being worked on by another run. Wait for it, or see `smp status {client}`."
        )


class RunCancelledError(SmpError):
    """Somebody cancelled the run, which goes no further."""

    code = "CANCELLED"

    def __init__(self, client: str, told: str) -> None:
        self.client = client
        super().__init__(f"{told} Go on later: smp onboard {client}")


class IllegalTransitionError(SmpError):
    """A pipeline state that may not follow the present one."""

    code = "ILLEGAL_TRANSITION"

    def __init__(self, client: str, present: str, wanted: str) -> None:
        self.client, self.present, self.wanted = client, present, wanted
        super().__init__(
            f"The pipeline of client {client!r} is {present} and cannot become {wanted}. `smp onboard {client}` runs what comes before."
        )


class ServiceError(SmpError):
    """A service of the running installation does not start, or keeps ending."""

    code = "SERVICE"


class RunFailedError(SmpError):
    """A run of the pipeline ended badly; the cause happened inside the run."""

    code = "RUN_FAILED"

    def __init__(self, client: str, phase: str | None, cause_code: str, cause: str) -> None:
        self.client, self.phase, self.cause_code = client, phase, cause_code
        where = f" in {phase}" if phase else ""
        super().__init__(f"The run of client {client!r} failed{where} ({cause_code}). {cause}")


class SecretKeyError(SmpError):
    """The key that opens stored secrets is missing or wrong."""

    code = "SECRET_KEY"


class MissingExtraError(SmpError):
    """An optional library is not installed."""

    code = "MISSING_EXTRA"

    def __init__(self, what: str, extra: str) -> None:
        self.what, self.extra = what, extra
        super().__init__(
            f"{what} needs an optional library. Install it with: pip install 'schema-matching-pipeline[{extra}]'"
        )


class MissingDataError(SmpError):
    """An optional library is there, but not the data that it fetches by itself where it may."""

    code = "MISSING_DATA"

    def __init__(self, what: str, command: str) -> None:
        self.what, self.command = what, command
        super().__init__(f"{what} needs data of its library. Fetch them with: {command}")


class NotificationError(SmpError):
    """A message could not be handed over; it stays due."""

    code = "NOTIFICATION"
    retryable = True


class IdentityError(SmpError):
    """The identity provider does not answer, or not as was agreed upon with it."""

    code = "IDENTITY_PROVIDER"
    retryable = True


class LanguageModelError(SmpError):
    """Every provider failed for good; the offline answer stands."""

    code = "LANGUAGE_MODEL"


class QuestionRefusedError(LanguageModelError):
    """No provider gave a usable answer to this question; another question may fare better."""

    code = "QUESTION_REFUSED"
