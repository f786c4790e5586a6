"""The same pack as PDF, by WeasyPrint: tagged, so that a screen reader can read it. Nothing is fetched for it."""

from __future__ import annotations

from typing import Any

from schemas.errors import CaseclockError

INSTALL = (
    "install the extra (pip install 'caseclock[pack]') and the system libraries it uses"
    " (Debian, Ubuntu: apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-liberation)"
)


class NoPdf(CaseclockError):
    """There can be no PDF on this machine. The message says what to install."""


def pdf(html: str) -> bytes:
    """The pages as PDF. The same HTML gives the same bytes on one machine; another machine's fonts may differ. Raises
    NoPdf."""
    try:
        from weasyprint import HTML
    except (ImportError, OSError) as wrong:  # the package is not there, or a library that it loads is not
        raise NoPdf(f"no PDF ({str(wrong).splitlines()[0]}): {INSTALL}") from None
    made: bytes = HTML(string=html, url_fetcher=_refuse).write_pdf(pdf_variant="pdf/ua-1")
    return made


def _refuse(url: str, *_: Any, **__: Any) -> Any:
    raise ValueError(f"a pack holds all that it needs, and asks for nothing: {url}")
