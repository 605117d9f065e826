"""Takes tickets for squid that are bound to the channel of one certificate (its file is the argument), and no others.

The library takes a ticket without a binding too (RFC 4121, section 4.1.1.2): that a ticket for another channel is refused shows
that it bears one.
"""

import base64
import hashlib
import ssl
import sys

import gssapi
from gssapi.raw import ChannelBindings

with open(sys.argv[1]) as file:
    leaf = ssl.PEM_cert_to_DER_cert(file.read())
channel = b"tls-server-end-point:" + hashlib.sha256(leaf).digest()
context = None
for line in sys.stdin:
    kind, _, token = line.strip().partition(" ")
    if kind == "YR":
        context = gssapi.SecurityContext(
            usage="accept", channel_bindings=ChannelBindings(application_data=channel)
        )
    try:
        answer = base64.b64encode(context.step(base64.b64decode(token)) or b"").decode()
        if context.complete:
            print(f"OK token={answer} user={context.initiator_name}", flush=True)
        else:
            print(f"TT token={answer}", flush=True)
    except gssapi.exceptions.GSSError as error:
        print(f"ERR message={type(error).__name__}", flush=True)
        print(type(error).__name__, file=sys.stderr, flush=True)
