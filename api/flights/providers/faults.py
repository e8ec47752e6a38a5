"""How a fare source fails. None of these reaches a traveller: the chain asks the next source, and logs the type's name."""

from typing import Final

from contracts.problems import FaresUnavailable

SOON: Final = 0.2
"""Seconds before the same question is asked again after a passing fault."""


class FareFault(FaresUnavailable):
    """One source could not answer."""

    def __init__(self, detail: str, *, again_in: float | None = None) -> None:
        super().__init__(detail)
        self.again_in = again_in
        """Seconds after which the same question may be worth another try; None: it is not."""


class TokenRefused(FareFault):
    """The source does not take our key; the operator must mend it."""


class LimitReached(FareFault):
    """We asked more than our share."""


class SourceDown(FareFault):
    """No answer, or one that says that the source is in trouble."""


class AnswerUnreadable(FareFault):
    """The answer is not what the source documents."""


class QuestionRefused(FareFault):
    """The source does not take this question, and nothing in it is the traveller's to mend."""
