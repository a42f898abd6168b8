"""What a monitor asks: is the database open, how fresh is it, is there room. No screen in here."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping

from compliance import __version__, texts
from compliance.engine import schema
from compliance.errors import ComplianceError
from compliance.questions import queries
from compliance.server.serving import Opened
from compliance.storage.store import SMALLEST_FREE_SPACE

OK, LOADING, LOW_DISK, DOWN = "ok", "loading", "low_disk", "down"


def facts(opening: Callable[[], Opened]) -> Mapping[str, object]:
    """The state of the store that opening gives, or why there is none: status is ok, loading, low_disk (imports will be refused) or down."""
    try:
        opened = opening()
    except ComplianceError as error:
        return {"status": DOWN, "version": __version__, "problems": [texts.words("en").problem(problem) for problem in error.problems]}
    with opened.store.cursor() as cursor:
        newest = queries.newest_import(cursor)
    free = shutil.disk_usage(opened.store.path.parent).free
    status = OK if free >= SMALLEST_FREE_SPACE else LOW_DISK
    if opened.loading is not None and opened.loading.running:
        status = LOADING
    return {
        "status": status,
        "version": __version__,
        "schema_version": schema.SCHEMA_VERSION,
        "standard": opened.standard.id,
        "data_as_of": newest.isoformat() if newest else None,
        "free_disk_mb": free // 1_000_000,
    }
