"""The pages that the links in e-mails lead to, and the requests that are not part of the shared contracts."""

from html import escape
from typing import Annotated

from fastapi import Header, Query

Token = Annotated[str, Query(pattern=r"^[A-Za-z0-9_-]{16,64}$", description="As in the e-mail")]
AlertToken = Annotated[str | None, Header(alias="X-Alert-Token", description="As `POST /v1/alerts` gave it out")]


def page(language: str, title: str, text: str, *, button: str | None = None) -> str:
    """A small page without scripts; a button sends its own address again by POST, so that no scanner presses it."""
    form = f'<form method="post"><button>{escape(button)}</button></form>' if button else ""
    return (
        f'<!doctype html><html lang="{escape(language)}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">'
        f"<title>{escape(title)}</title><h1>{escape(title)}</h1><p>{escape(text)}</p>{form}</html>"
    )
