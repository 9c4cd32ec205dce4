"""A mail server that keeps nothing: it prints each message that it took as a line of JSON.

aiosmtpd speaks SMTP, Python's own email package takes the message apart, and icalendar reads the calendar file, so that
none of what the program writes is judged by code of its own.

    mail_server.py [certificate key]     with both it speaks TLS from the first byte

The first line printed is the port. The one user is "clinic", with the password "umbrella 7".
"""

import asyncio
import json
import ssl
import sys
from email import message_from_bytes, policy

import icalendar
from aiosmtpd.smtp import SMTP, AuthResult

def say(value):
    print(json.dumps(value), flush=True)


def calendar(part):
    """What another program understands of the calendar file."""
    file = icalendar.Calendar.from_ical(part.get_content())
    events = list(file.walk("VEVENT"))
    event = events[0]
    conference = event.get("conference")
    return {
        "content_type": part["content-type"],
        "method_of_part": part.get_param("method"),
        "disposition": part.get_content_disposition(),
        "method": str(file["method"]),
        "events": len(events),
        "uid": str(event["uid"]),
        "sequence": int(event["sequence"]),
        "start": event["dtstart"].dt.isoformat(),
        "end": event["dtend"].dt.isoformat(),
        "stamp": event["dtstamp"].dt.isoformat(),
        "summary": str(event["summary"]),
        "url": str(event["url"]),
        "location": str(event.get("location", "")),
        "status": str(event["status"]),
        "conference": None if conference is None else str(conference),
        "conference_parameters": {} if conference is None else {k: str(v) for k, v in conference.params.items()},
    }


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        local = address.split("@")[0]
        if local == "nobody":
            return "550 5.1.1 no such mailbox"
        if local == "later":
            return "451 4.3.0 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = message_from_bytes(envelope.content, policy=policy.default)
        text = message.get_body(("plain",))
        html = message.get_body(("html",))
        parts = [part for part in message.walk() if part.get_content_type() in ("text/calendar", "application/ics")]
        say({
            "greeting": session.host_name,
            "tls": server.transport.get_extra_info("ssl_object") is not None,
            "user": session.auth_data.login.decode() if session.authenticated else None,
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "headers": [[name, str(value)] for name, value in message.items()],
            "subject": str(message["subject"]),
            "text": text.get_content() if text else None,
            "html": html.get_content() if html else None,
            "calendars": [calendar(part) for part in parts],
            "defects": [str(defect) for part in message.walk() for defect in part.defects],
            "bytes": len(envelope.content),
        })
        return "250 OK taken"


def authenticate(server, session, envelope, mechanism, data):
    right = data.login == b"clinic" and data.password == b"umbrella 7"
    return AuthResult(success=right, auth_data=data)


async def serve():
    context = None
    extra = {}
    if len(sys.argv) == 3:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        extra = {"authenticator": authenticate, "auth_required": True, "auth_require_tls": False}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(Handler(), hostname="mail.example", loop=loop, **extra), "127.0.0.1", 0, ssl=context
    )
    say({"port": server.sockets[0].getsockname()[1]})
    # Whoever started it is gone when nothing more can come from them.
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(serve())
