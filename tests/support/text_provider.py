"""A provider of text messages as Twilio is one, as far as a sender can tell: the Messages API, its status callbacks, and
what a patient answers. It signs what it says with Twilio's own library, so that nothing of the program vouches for
itself.

    text_provider.py <account> <token>

Prints its port, then each message that it took as a line of JSON. A number that ends in 0000 is no mobile number (21211);
one that ends in 0001 cannot be reached (undelivered, 30003). Everything else is delivered.

    POST /patient  {"url": ..., "From": ..., "Body": ...}     a patient answers; prints what the program said
"""

import base64
import http.server
import json
import secrets
import sys
import threading
import time
import urllib.parse
import urllib.request

from twilio.request_validator import RequestValidator

ACCOUNT, TOKEN = sys.argv[1], sys.argv[2]
VALIDATOR = RequestValidator(TOKEN)
LOCK = threading.Lock()
SEEN = {}


def say(value):
    with LOCK:
        print(json.dumps(value), flush=True)


def call(url, parameters, token_right=True):
    """Calls the program as the provider would, and returns the status and body of its answer."""
    signature = VALIDATOR.compute_signature(url, parameters)
    if not token_right:
        signature = RequestValidator("another token").compute_signature(url, parameters)
    request = urllib.request.Request(
        url,
        urllib.parse.urlencode(parameters).encode(),
        {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def report(url, sid, to):
    # A provider is not always slower than its own answer, but mostly.
    time.sleep(0.2)
    states = ["sent", "undelivered" if to.endswith("0001") else "delivered"]
    for state in states:
        parameters = {"MessageSid": sid, "MessageStatus": state, "To": to, "AccountSid": ACCOUNT}
        if state == "undelivered":
            parameters["ErrorCode"] = "30003"
        call(url, parameters)


class Provider(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()

    def authorised(self):
        right = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        return self.headers.get("Authorization") == f"Basic {right}"

    def do_GET(self):
        if not self.authorised():
            return self.answer(401, {"code": 20003, "message": "Authenticate", "status": 401})
        if self.path == f"/2010-04-01/Accounts/{ACCOUNT}.json":
            return self.answer(200, {"sid": ACCOUNT, "status": "active"})
        self.answer(404, {"code": 20404, "status": 404})

    def do_POST(self):
        body = self.body()
        if self.path == "/patient":
            wanted = json.loads(body)
            url = wanted.pop("url")
            right = wanted.pop("signed", True)
            parameters = {"MessageSid": "SM" + secrets.token_hex(16), "AccountSid": ACCOUNT, **wanted}
            status, said = call(url, parameters, right)
            return self.answer(200, {"status": status, "body": said})
        if self.path != f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json":
            return self.answer(404, {"code": 20404, "status": 404})
        if not self.authorised():
            return self.answer(401, {"code": 20003, "message": "Authenticate", "status": 401})
        message = dict(urllib.parse.parse_qsl(body, strict_parsing=True))
        if message["To"].endswith("0000"):
            return self.answer(400, {"code": 21211, "message": "Invalid 'To' Phone Number", "status": 400})
        key = self.headers.get("I-Twilio-Idempotency-Token")
        sid = SEEN.setdefault(key, "SM" + secrets.token_hex(16))
        say({"key": key, "sid": sid, "to": message["To"], "from": message["From"], "body": message["Body"],
             "callback": message.get("StatusCallback")})
        self.answer(201, {"sid": sid, "status": "queued", "error_code": None})
        if message.get("StatusCallback"):
            threading.Thread(target=report, args=(message["StatusCallback"], sid, message["To"]), daemon=True).start()


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Provider)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
say({"port": server.server_address[1]})
sys.stdin.read()
