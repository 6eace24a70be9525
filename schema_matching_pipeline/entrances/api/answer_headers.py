"""What every answer carries: what a page may do, the trace, and that nobody keeps it."""

from __future__ import annotations

from fastapi import Request
from starlette.datastructures import MutableHeaders

# What a page may load, and from where: only what this program itself serves, and no script that stands in a page.
_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def accompany(request: Request, headers: MutableHeaders) -> None:
    """Gives the headers of an answer what all have; those it has already stay."""
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)
    headers["X-Trace-Id"] = request.state.trace_id
    if not request.url.path.startswith("/static/"):
        headers["Cache-Control"] = "no-store"
