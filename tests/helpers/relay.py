"""Servers that channels are tested against: an SMTP relay, and HTTP servers that answer as GOV.UK Notify and a webhook's
receiver do. Real ones, on ports of this machine."""

from __future__ import annotations

import json
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class Certificate(NamedTuple):
    """For localhost. `path`: certificate and key in one PEM file, which is its own authority."""

    path: str

    def context(self) -> ssl.SSLContext:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(self.path)
        return made


def certificate(folder: Path) -> Certificate:
    key, cert, both = folder / "key.pem", folder / "cert.pem", folder / "both.pem"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-keyout",
            str(key),
            "-out",
            str(cert),
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1",
        ],
        check=True,
        capture_output=True,
    )
    both.write_text(key.read_text() + cert.read_text())
    return Certificate(str(both))


class Relay:
    """What a relay got, and how it answers: `recipient` and `data` are its replies to RCPT TO and DATA. `cut`: it takes
    the mail and breaks off before it says so."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipient, self.data = "250 OK", "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.data.startswith("250"):
            mail = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
        return self.data


class _OnAnyPort(Controller):
    """The controller asks the port it was given, which is 0."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def smtp(relay: Relay, cert: Certificate, password: str | None = None) -> Iterator[int]:
    """A relay that insists on STARTTLS, and on a password if one is given; gives its port."""

    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=data.password == (password or "").encode(), handled=False)

    controller = _OnAnyPort(
        relay,
        hostname="127.0.0.1",
        port=0,
        tls_context=cert.context(),
        require_starttls=True,
        authenticator=authenticate,
        auth_required=password is not None,
    )
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


class Asked(NamedTuple):
    """A request as a server got it."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Web:
    """An HTTP server: what it was asked, and what to answer, as (status, JSON)."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []

    def answer(self, asked: Asked) -> tuple[int, Any]:
        return 204, None


class NotifyApi(Web):
    """As GOV.UK Notify: it keeps what it took and finds it by reference. `refuse`: (status, kind of error) with which it
    answers POST. `cut`: it takes the next e-mail and breaks the connection off before it says so."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[dict[str, Any]] = []
        self.refuse: tuple[int, str] | None = None
        self.status, self.cut = "created", False

    def answer(self, asked: Asked) -> tuple[int, Any]:
        if not asked.headers.get("authorization", "").startswith("Bearer "):
            return self._error(401, "AuthError", "Unauthorized, authentication token must be provided")
        if asked.method == "POST" and asked.path == "/v2/notifications/email":
            return self._take(asked.json)
        if asked.method == "GET" and asked.path == "/v2/notifications":
            found = [one for one in self.taken if one["reference"] == asked.query.get("reference")]
            return 200, {"notifications": found[::-1], "links": {"current": "/v2/notifications"}}
        return self._error(404, "NoResultFound", "No result found")

    def _take(self, sent: dict[str, Any]) -> tuple[int, Any]:
        if self.refuse is not None:
            status, kind = self.refuse
            return self._error(status, kind, f"about {sent['email_address']}")
        id = f"{len(self.taken):08}-0000-4000-8000-000000000000"
        self.taken.append(
            {
                "id": id,
                "reference": sent["reference"],
                "email_address": sent["email_address"],
                "type": "email",
                "status": self.status,
                "created_at": f"2024-03-06T08:30:{len(self.taken):02}.000000Z",
                **sent,
            }
        )
        if self.cut:
            self.cut = False
            raise ConnectionAbortedError
        return 201, {"id": id, "reference": sent["reference"], "content": {}, "template": {}, "uri": ""}

    def _error(self, status: int, kind: str, words: str) -> tuple[int, Any]:
        return status, {"status_code": status, "errors": [{"error": kind, "message": words}]}


@contextmanager
def web(server: Web, cert: Certificate | None = None) -> Iterator[str]:
    """Serves; gives the address."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, parts.path, query, headers, body)
            server.asked.append(asked)
            try:
                status, answer = server.answer(asked)
            except ConnectionAbortedError:
                self.close_connection = True
                return
            content = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", "http://127.0.0.1:1/")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as listening:
        listening.daemon_threads = True
        scheme = "http"
        if cert is not None:
            listening.socket = cert.context().wrap_socket(listening.socket, server_side=True)
            scheme = "https"
        Thread(target=listening.serve_forever, args=(0.05,), daemon=True).start()
        yield f"{scheme}://localhost:{listening.server_port}"
        listening.shutdown()
