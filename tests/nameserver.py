"""A DNS server on loopback: what a city's owner, or a broken provider, would answer."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset


@dataclass
class Nameserver:
    """`texts` by name, in small letters; each text is a list of chunks as they stand in the record.

    `codes`: names that are answered with an error; `silent`: names that are not answered at all.
    `shouts`: the answer repeats the name in capitals, as some servers do.
    """

    port: int
    texts: dict[str, list[list[str]]] = field(default_factory=dict)
    codes: dict[str, dns.rcode.Rcode] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    shouts: bool = False
    asked: list[str] = field(default_factory=list)

    def reply(self, query: dns.message.Message) -> dns.message.Message | None:
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        self.asked.append(name)
        if name in self.silent:
            return None
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.AA | dns.flags.RA
        if name in self.codes:
            reply.set_rcode(self.codes[name])
        elif name not in self.texts:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        elif self.texts[name] and question.rdtype == dns.rdatatype.TXT:
            records = [" ".join(f'"{chunk}"' for chunk in text) for text in self.texts[name]]
            said = question.name.to_text().upper() if self.shouts else question.name.to_text()
            reply.answer.append(dns.rrset.from_text(said, 60, "IN", "TXT", *records))
        return reply


@contextmanager
def nameserver() -> Iterator[Nameserver]:
    """Listens on a free UDP port until the block ends."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        server = Nameserver(listening.getsockname()[1])
        stop = threading.Event()

        def serve() -> None:
            while True:
                packet, sender = listening.recvfrom(4096)
                if stop.is_set():
                    return
                reply = server.reply(dns.message.from_wire(packet))
                if reply is not None:
                    listening.sendto(reply.to_wire(), sender)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            stop.set()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bell:
                bell.sendto(b"", ("127.0.0.1", server.port))
            thread.join(5)
