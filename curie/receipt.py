"""The receipt: the head of a run's journal, signed with `ssh-keygen -Y sign`, so that a rewritten chain shows."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from curie.canonical import canonical_json
from curie.durable import write_atomic
from curie.errors import InfrastructureError, UsageError
from curie.journal.chain import Entry
from curie.journal.events import RunCreated
from curie.journal.reader import load
from curie.paths import RunPaths
from tasks.study import Frozen

NAMESPACE = "curie-run"
"""What the signature is for; a signature made for anything else does not count."""

_TIMEOUT_S = 60.0


class Receipt(Frozen):
    """What is signed."""

    version: Literal[1] = 1
    run_id: str
    events: int = Field(ge=1)
    """Events covered; later ones (a tag, say) are not."""
    head: str
    """Hash of the last covered event."""


@dataclass(frozen=True, slots=True)
class ReceiptCheck:
    """How the check of a receipt went."""

    state: Literal["absent", "unsigned", "valid", "invalid"]
    message: str


def write_receipt(run_dir: Path, key: Path | None = None) -> Path:
    """Write `run.receipt` for the journal as it stands and sign it if a key is given; returns the receipt's path.

    Args:
        run_dir: the run's directory.
        key: a private SSH key, or a public one whose private half an agent holds. A passphrase cannot be asked for.

    Raises:
        UsageError: the journal is empty, or `ssh-keygen` is missing or refuses the key.
        JournalTampered: the chain does not hold.
        InfrastructureError: the files cannot be written.
    """
    paths = RunPaths.at(run_dir)
    entries = load(paths.journal).entries
    if not entries:
        raise UsageError(f"the journal {paths.journal} is empty, so there is nothing to sign")
    receipt = Receipt(run_id=_run_id(entries), events=len(entries), head=entries[-1].hash)
    signature = None if key is None else _sign(_bytes(receipt), key)
    try:
        write_atomic(paths.receipt, _bytes(receipt))
        if signature is None:
            paths.signature.unlink(missing_ok=True)
        else:
            write_atomic(paths.signature, signature)
    except OSError as error:
        raise InfrastructureError(f"the receipt cannot be written: {error.strerror}") from error
    return paths.receipt


def check_receipt(paths: RunPaths, entries: Sequence[Entry], allowed_signers: Path | None) -> ReceiptCheck:
    """Compare the receipt with the journal and check its signature. Changes nothing.

    Args:
        paths: the run.
        entries: the journal, its chain already checked.
        allowed_signers: who may have signed; None: any key, which the message names.
    """
    try:
        data = paths.receipt.read_bytes()
        receipt = Receipt.model_validate_json(data)
    except FileNotFoundError:
        return ReceiptCheck(
            "absent", "no receipt: only the chain was checked, and whoever rewrites all of it is not seen"
        )
    except (OSError, ValidationError):
        return ReceiptCheck("invalid", f"{paths.receipt.name} is no receipt")
    if problem := _mismatch(receipt, entries):
        return ReceiptCheck("invalid", problem)
    if not paths.signature.exists():
        return ReceiptCheck(
            "unsigned", "the receipt agrees with the journal but is not signed, so anyone can replace it"
        )
    return _check_signature(paths, data, receipt, allowed_signers)


def _mismatch(receipt: Receipt, entries: Sequence[Entry]) -> str | None:
    if receipt.run_id != _run_id(entries):
        return f"the receipt is of another run ({receipt.run_id})"
    if receipt.events > len(entries):
        return f"the receipt covers {receipt.events} events, but only {len(entries)} are left in the journal"
    if entries[receipt.events - 1].hash != receipt.head:
        return f"the journal is not the one that was signed: event {receipt.events} differs"
    return None


def _check_signature(paths: RunPaths, data: bytes, receipt: Receipt, allowed: Path | None) -> ReceiptCheck:
    try:
        tool = _tool()
    except UsageError as error:
        return ReceiptCheck("unsigned", f"the signature was not checked: {error.message}")
    about = ("-n", NAMESPACE, "-s", str(paths.signature))
    if allowed is None:
        done = _run((tool, "-Y", "check-novalidate", *about), data)
        note = "; whose key that is was not checked"
    else:
        found = _run((tool, "-Y", "find-principals", "-s", str(paths.signature), "-f", str(allowed)), b"")
        who = found.stdout.decode("utf-8", "replace").splitlines()
        if found.returncode != 0 or not who:
            return ReceiptCheck("invalid", f"the receipt was signed by a key that {allowed} does not list")
        done = _run((tool, "-Y", "verify", *about, "-f", str(allowed), "-I", who[0]), data)
        note = ""
    if done.returncode != 0:
        return ReceiptCheck("invalid", "the signature does not match the receipt")
    said = done.stdout.decode("utf-8", "replace").strip()
    return ReceiptCheck("valid", f"the first {receipt.events} events are the ones that were signed: {said}{note}")


def _sign(data: bytes, key: Path) -> bytes:
    tool = _tool()
    with tempfile.TemporaryDirectory(prefix="curie-receipt-") as scratch:
        draft = Path(scratch) / "run.receipt"
        draft.write_bytes(data)
        done = _run((tool, "-Y", "sign", "-q", "-f", str(key), "-n", NAMESPACE, str(draft)), b"")
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip()
            raise UsageError(f"ssh-keygen did not sign with {key}: {said}", hint="name an SSH key without passphrase")
        return draft.with_name("run.receipt.sig").read_bytes()


def _run(argv: tuple[str, ...], data: bytes) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            argv,
            input=data,
            capture_output=True,
            check=False,
            timeout=_TIMEOUT_S,
            start_new_session=True,  # no terminal, so that a key with a passphrase fails instead of asking
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InfrastructureError(f"{argv[0]} did not run: {error}") from error


def _tool() -> str:
    tool = shutil.which("ssh-keygen", path=os.defpath) or shutil.which("ssh-keygen")
    if tool is None:
        raise UsageError("ssh-keygen is not installed", hint="install the OpenSSH client")
    return tool


def _bytes(receipt: Receipt) -> bytes:
    return canonical_json(receipt.model_dump(mode="json")) + b"\n"


def _run_id(entries: Sequence[Entry]) -> str:
    return next((entry.event.run_id for entry in entries if isinstance(entry.event, RunCreated)), "unknown")
