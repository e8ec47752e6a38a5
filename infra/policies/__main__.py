"""Entry point of `pulumi preview --policy-pack infra/policies`. Constructing a PolicyPack serves until killed."""

import sys
from pathlib import Path

# The engine starts this directory as a program: the repository's root is not on the path by itself.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from pulumi_policy import EnforcementLevel, PolicyPack

from infra.policies.pack import NAME, policies

PolicyPack(NAME, policies(), EnforcementLevel.MANDATORY)
