"""Commands called in this process: what they said and with which code they ended."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from compliance import __main__


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


def call(capture: pytest.CaptureFixture[str], *arguments: object) -> Ran:
    capture.readouterr()
    code = __main__.main([str(argument) for argument in arguments])
    return Ran(code, *capture.readouterr())
