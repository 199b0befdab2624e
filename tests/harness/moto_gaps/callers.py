"""IAM: an access key belongs to one account.

moto finds the account of a key that it has issued, and takes any other for one of its default
account. Keys that name their account let calls from many accounts go on with the same ones when
everything else is forgotten.
"""

import re
from typing import Any

from moto.iam import models

KEY = re.compile(r"TESTKEY0(\d{12})")
"""An access key of twenty characters, as AWS's own, that names its account."""


def _named(original: Any) -> Any:
    def get_account_id_from(access_key: str) -> str:
        named = KEY.fullmatch(access_key)
        return named[1] if named else str(original(access_key))

    return get_account_id_from


REPLACEMENTS: tuple[tuple[Any, str, Any], ...] = (
    (models, "get_account_id_from", _named(models.get_account_id_from)),
)
