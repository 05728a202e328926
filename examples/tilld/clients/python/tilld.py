"""A client of tilld for Python 3.7 and later. Copy this file; it needs nothing but Python.

    till = Tilld(socket="till/tilld.sock")                     # or:
    till = Tilld(url="http://127.0.0.1:7345", token=open("till/token").read())
    decision = till.redeem(scanned=text, saleKey="2026-11-26/7/42",
                           sale={"currency": "EUR", "lines": [{"amount": 350}]})
    if decision["outcome"] == "allow": ...
    else: show(decision["message"])

The fields of calls and answers are those of transport/local/openapi.yaml. Pass over fields that you do not know. A
refusal is a decision; an error is a TilldError. Where no answer comes a call is repeated with the same keys until
`patience` seconds are over; then it raises OutcomeUnknown: call again with the same keys until there is an answer.
A Tilld may be used by several threads.
"""

import http.client
import json
import socket as sockets
import time
import urllib.parse


class TilldError(Exception):
    """The till could not do it. `code` is one of CODES.md, `message` is for the cashier."""

    def __init__(self, problem):
        super().__init__("%s: %s" % (problem.get("code"), problem.get("detail")))
        self.status = problem.get("status", 0)
        self.code = problem.get("code", "internal")
        self.detail = problem.get("detail", "")
        self.message = problem.get("message", "")
        self.reasons = problem.get("reasons", [])
        self.budgets = problem.get("budgets", [])


class AccessError(TilldError):
    """This program may not call: look at the token, or at the socket's rights."""


class RequestError(TilldError):
    """The call is wrong, or names what is not there: mend the program."""


class ConflictError(TilldError):
    """It cannot be done as things stand; `reasons` may say what a manager has to decide."""


class BackendError(TilldError):
    """The backend cannot be reached, or refused. Nothing is lost."""


class OutcomeUnknown(TilldError):
    """It may have been done. Call again with the same keys until there is an answer."""


_KINDS = {400: RequestError, 404: RequestError, 405: RequestError, 413: RequestError, 422: RequestError,
          401: AccessError, 403: AccessError, 409: ConflictError, 502: BackendError, 504: OutcomeUnknown}


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self):
        self.sock = sockets.socket(sockets.AF_UNIX, sockets.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Tilld:
    """A till: the daemon at a Unix socket, or at an address with a token."""

    def __init__(self, socket=None, url=None, token=None, language="en", patience=10.0, timeout=30.0):
        if (socket is None) == (url is None):
            raise ValueError("give a socket or a url")
        self._socket, self._url = socket, urllib.parse.urlsplit(url) if url else None
        self._timeout, self.patience = timeout, patience
        self._header = {"Offlane-Local": "1", "Accept-Language": language}
        if token:
            self._header["Authorization"] = "Bearer " + token.strip()

    # A sale.
    def check(self, **request): return self.call("check", request)
    def reserve(self, **request): return self.call("reserve", request)
    def release(self, **sale): return self.call("release", sale)
    def redeem(self, **request): return self.call("redeem", request)
    def correct(self, **correction): return self.call("correct", correction)
    def void(self, **void): return self.call("void", void)

    # What was recorded, and what the backend said.
    def records(self, **query): return self.call("records", query)
    def totals(self, **query): return self.call("totals", query)["totals"]
    def verdicts(self, waitSeconds=0): return self._wait("verdicts", waitSeconds)["verdicts"]
    def acknowledge(self, *records): self.call("acknowledge", {"records": list(records)})

    # How the terminal stands.
    def status(self): return self.call("status", {})
    def report(self, waitSeconds=60): self._wait("report", waitSeconds)
    def rotate_key(self, waitSeconds=60): self._wait("rotate-key", waitSeconds)
    def install_bundle(self, bundle): self.call("install-bundle", {"bundle": bundle})
    def end_forgotten(self, manager, why): self.call("end-forgotten", {"override": {"manager": manager, "why": why}})

    # Scanners and pictures.
    def scanner_test(self): return self.call("scanner-test", {})
    def scanner_learn(self, arrived): return self.call("scanner-learn", {"arrived": arrived})["profile"]
    def scanner_read(self, **scan): return self.call("scanner-read", scan)
    def draw(self, **drawing): return self._send("draw", json.dumps(drawing).encode(), "application/json", 0)

    def read_picture(self, picture, kind="image/png", width=0, height=0):
        """The symbols of a picture, or of a frame: its luminance with kind application/octet-stream."""
        query = "?width=%d&height=%d" % (width, height) if width else ""
        return json.loads(self._send("read-picture" + query, picture, kind, 0))["symbols"]

    def call(self, name, body, wait=0):
        """Makes any call, by its name."""
        return json.loads(self._send(name, json.dumps(body).encode(), "application/json", wait))

    def _wait(self, name, waitSeconds):
        return self.call(name, {"waitSeconds": waitSeconds}, waitSeconds)

    def _send(self, name, body, kind, wait):
        end, pause = time.monotonic() + self.patience, 0.02
        while True:
            try:
                return self._once(name, body, kind, wait)
            except OutcomeUnknown:
                if time.monotonic() + pause > end:
                    raise
            except (OSError, http.client.HTTPException) as lost:
                if time.monotonic() + pause > end:
                    raise OutcomeUnknown({"status": 0, "code": "outcome-unknown", "message": "…",
                                          "detail": "no answer came: %r" % lost}) from lost
            time.sleep(pause)
            pause = min(2 * pause, 1.0)

    def _once(self, name, body, kind, wait):
        timeout = self._timeout + wait
        if self._socket:
            connection = _UnixConnection(self._socket, timeout)
        else:
            connection = http.client.HTTPConnection(self._url.hostname, self._url.port, timeout=timeout)
        try:
            connection.request("POST", "/v1/" + name, body, dict(self._header, **{"Content-Type": kind}))
            answer = connection.getresponse()
            data = answer.read()
        finally:
            connection.close()
        if answer.status == 200:
            return data
        try:
            problem = json.loads(data)
        except ValueError:
            raise http.client.HTTPException("the answer is not the till's") from None
        raise _KINDS.get(answer.status, TilldError)(problem)
