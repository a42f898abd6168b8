"""What the server does once, before the first reader comes."""

from __future__ import annotations

import atexit
import gc
import importlib
import pkgutil

import compliance


def settle() -> None:
    """Load everything that the program is made of, and leave it out of the search for garbage from then on.

    Streamlit looks for garbage at the end of every run of a page, while the browser waits for what that run still has to send: through our 360,000 objects
    (most are a dictionary of pinyin and the libraries' own) it takes 60 ms, and none of them ever becomes garbage.
    """
    for module in pkgutil.walk_packages(compliance.__path__, f"{compliance.__name__}."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)  # at the very end all of it is garbage, and DuckDB's module complains of what nobody collects
