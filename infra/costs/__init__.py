"""What a stack costs a month, from the settings that deploy it."""

from infra.costs.estimate import Estimate, estimate
from infra.costs.lines import Usage
from infra.costs.report import report

__all__ = ["Estimate", "Usage", "estimate", "report"]
