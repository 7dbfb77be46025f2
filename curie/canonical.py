"""One byte form for one value, so that digests are comparable."""

import json

from pydantic import JsonValue


def canonical_json(value: JsonValue) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces, in the spirit of RFC 8785.

    Floats keep Python's shortest round-trip form, so the bytes are stable across machines but are not
    byte-equal to RFC 8785 for exponents.

    Raises:
        ValueError: if `value` holds NaN or infinity, which JSON cannot express.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "surrogatepass")
