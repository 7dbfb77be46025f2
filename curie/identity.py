"""Names of runs."""

import re
import secrets
from datetime import datetime

from curie.request import RunRequest

_SLUG = 24


def new_run_id(request: RunRequest, now: datetime) -> str:
    """A name that sorts by time, says what it is about, and is not taken: `20260102-030405-sorting-1f2e`."""
    about = request.task or request.study.question
    slug = re.sub(r"[^a-z0-9]+", "-", about.lower()).strip("-")[:_SLUG].strip("-") or "run"
    return f"{now:%Y%m%d-%H%M%S}-{slug}-{secrets.token_hex(2)}"
