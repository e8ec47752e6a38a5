"""Tests that only look at whole stacks run in one process, which makes each stack once; those of any other file in one as well."""

import re
from functools import cache

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.scheduler.protocol import Scheduling

STACKS = re.compile(r"^(from|import) (whole|roles)\b", re.MULTILINE)
OWN = re.compile(r"^from infra_mocks import .*\bsettings\b", re.MULTILINE)
"""What makes stacks of its own gains little from those of others."""


class ByWhatTheyShare(LoadScopeScheduling):
    """`--dist loadfile`, with the files that share stacks as one."""

    def _split_scope(self, nodeid: str) -> str:
        return self._scope(nodeid.partition("::")[0])

    @cache  # noqa: B019 - one scheduler lives as long as the run
    def _scope(self, file: str) -> str:
        text = (self.config.rootpath / file).read_text(encoding="utf-8")
        return "whole stacks" if STACKS.search(text) and not OWN.search(text) else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling | None:
    """The scheduler of `make test-infra`."""
    return ByWhatTheyShare(config, log) if config.getvalue("dist") == "loadfile" else None
