"""A box that ends TLS 1.2 as it was before RFC 5746: its ServerHello does not say that it knows
secure renegotiation, which no library of today leaves out. Each connection goes on in TLS of today.

Usage: legacy_tls.py LISTEN PORT CERTIFICATE KEY UPSTREAM PORT
"""

import hmac
import os
import select
import socket
import ssl
import struct
import sys
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TLS_1_2 = b"\x03\x03"
CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, DATA = 20, 21, 22, 23
CLIENT_HELLO, SERVER_HELLO, CERTIFICATE, KEY_EXCHANGE, DONE, FINISHED = 1, 2, 11, 12, 14, 20
# TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 (RFC 5289), the curve secp256r1 and its signature.
SUITE, CURVE, SIGNATURE = b"\xc0\x2b", b"\x00\x17", b"\x04\x03"
# The extensions of RFC 7301, with `http/1.1`.
ALPN, HTTP = 16, b"\x00\x09\x08http/1.1"
PIECE = 16_384
SEND_MAX = 10


def expand(secret, label, seed, length):
    """P_SHA256 (RFC 5246, section 5)."""
    seed, made = label + seed, b""
    step = seed
    while len(made) < length:
        step = hmac.digest(secret, step, "sha256")
        made += hmac.digest(secret, step + seed, "sha256")
    return made[:length]


def extensions(hello):
    """The extensions of a ClientHello, by their numbers."""
    at = 34
    at += 1 + hello[at]
    at += 2 + int.from_bytes(hello[at : at + 2], "big")
    at += 1 + hello[at]
    rest, found = hello[at + 2 :], {}
    while rest:
        kind, length = struct.unpack("!HH", rest[:4])
        found[kind], rest = rest[4 : 4 + length], rest[4 + length :]
    return found


def length(message):
    """Of the body of a message of the handshake."""
    return int.from_bytes(message[1:4], "big")


class Keys:
    """One direction: AES-GCM with its part of the nonce, and the number of the next record."""

    def __init__(self, key, salt):
        self.cipher, self.salt, self.number = AESGCM(key), salt, 0

    def head(self, kind, length):
        number = struct.pack("!Q", self.number)
        self.number += 1
        return number, number + bytes([kind]) + TLS_1_2 + struct.pack("!H", length)

    def seal(self, kind, text):
        nonce, head = self.head(kind, len(text))
        return nonce + self.cipher.encrypt(self.salt + nonce, text, head)

    def open(self, kind, record):
        _, head = self.head(kind, len(record) - 24)
        return self.cipher.decrypt(self.salt + record[:8], record[8:], head)


class Client:
    """The connection to a client."""

    def __init__(self, stream, certificate, key):
        self.stream, self.said, self.waiting = stream, b"", b""
        self.reads = self.writes = None
        self.shake(certificate, key)

    def exactly(self, count):
        bytes_ = b""
        while len(bytes_) < count:
            piece = self.stream.recv(count - len(bytes_))
            if not piece:
                raise EOFError
            bytes_ += piece
        return bytes_

    def read(self):
        """The next record: its kind and its text."""
        head = self.exactly(5)
        kind, record = head[0], self.exactly(int.from_bytes(head[3:5], "big"))
        return kind, self.reads.open(kind, record) if self.reads else record

    def write(self, kind, text):
        record = self.writes.seal(kind, text) if self.writes else text
        self.stream.sendall(bytes([kind]) + TLS_1_2 + struct.pack("!H", len(record)) + record)

    def hear(self):
        """The next message of the handshake: its kind and its body."""
        def is_whole():
            return len(self.waiting) >= 4 and len(self.waiting) >= 4 + length(self.waiting)

        while not is_whole():
            kind, text = self.read()
            if kind == CHANGE_CIPHER_SPEC:
                self.reads = self.coming
            elif kind == HANDSHAKE:
                self.waiting += text
            else:
                raise EOFError
        end = 4 + length(self.waiting)
        message, self.waiting = self.waiting[:end], self.waiting[end:]
        before, self.said = self.said, self.said + message
        return before, message[0], message[4:]

    def say(self, kind, body):
        message = bytes([kind]) + struct.pack("!I", len(body))[1:] + body
        self.said += message
        self.write(HANDSHAKE, message)

    def finished(self, who, said):
        digest = hashes.Hash(hashes.SHA256())
        digest.update(said)
        return expand(self.master, who + b" finished", digest.finalize(), 12)

    def shake(self, certificate, key):
        _, kind, hello = self.hear()
        assert kind == CLIENT_HELLO
        of_client, of_server = hello[2:34], os.urandom(32)
        offered = extensions(hello)
        tail = b""
        if ALPN in offered:
            answered = struct.pack("!HH", ALPN, len(HTTP)) + HTTP
            tail = struct.pack("!H", len(answered)) + answered
        self.say(SERVER_HELLO, TLS_1_2 + of_server + b"\x00" + SUITE + b"\x00" + tail)
        listed = struct.pack("!I", len(certificate))[1:] + certificate
        self.say(CERTIFICATE, struct.pack("!I", len(listed))[1:] + listed)
        own = ec.generate_private_key(ec.SECP256R1())
        point = own.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        params = b"\x03" + CURVE + bytes([len(point)]) + point
        signature = key.sign(of_client + of_server + params, ec.ECDSA(hashes.SHA256()))
        self.say(KEY_EXCHANGE, params + SIGNATURE + struct.pack("!H", len(signature)) + signature)
        self.say(DONE, b"")
        _, _, exchanged = self.hear()
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), exchanged[1:])
        secret = own.exchange(ec.ECDH(), theirs)
        self.master = expand(secret, b"master secret", of_client + of_server, 48)
        block = expand(self.master, b"key expansion", of_server + of_client, 40)
        self.coming, going = Keys(block[:16], block[32:36]), Keys(block[16:32], block[36:])
        before, kind, verify = self.hear()
        assert kind == FINISHED and verify == self.finished(b"client", before)
        self.write(CHANGE_CIPHER_SPEC, b"\x01")
        self.writes = going
        self.say(FINISHED, self.finished(b"server", self.said))


def carry(client, server):
    """Passes on what either side says, until one says no more."""
    while True:
        ready, _, _ = select.select([client.stream, server], [], [])
        if client.stream in ready:
            kind, text = client.read()
            if kind != DATA:
                return
            server.settimeout(SEND_MAX)
            server.sendall(text)
        try:
            server.settimeout(0)
            while piece := server.recv(PIECE):
                client.write(DATA, piece)
            client.write(ALERT, b"\x01\x00")
            return
        except ssl.SSLWantReadError:
            pass


def serve(stream, certificate, key, upstream):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client = Client(stream, certificate, key)
        with socket.create_connection(upstream) as way:
            with context.wrap_socket(way, server_hostname="conference.test") as server:
                carry(client, server)
    except (OSError, EOFError, AssertionError):
        # Whoever does not go on is the reason why this box is here.
        pass
    finally:
        stream.close()


def main():
    listen, port, certificate, key, *upstream = sys.argv[1:]
    with open(certificate, "rb") as file:
        certificate = x509.load_pem_x509_certificate(file.read())
    with open(key, "rb") as file:
        key = serialization.load_pem_private_key(file.read(), None)
    certificate = certificate.public_bytes(serialization.Encoding.DER)
    upstream = (upstream[0], int(upstream[1]))
    listener = socket.create_server((listen, int(port)))
    while True:
        stream, _ = listener.accept()
        threading.Thread(target=serve, args=(stream, certificate, key, upstream), daemon=True).start()


main()
