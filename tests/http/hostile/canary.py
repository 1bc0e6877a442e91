"""Another client, in a process of its own: asks for something small all the time.

Run as `python canary.py PORT`. Each request becomes a line on stdout: when it began (the clock of
`time.perf_counter`, which all processes of a machine share), how long it took, and what was wrong
with the answer, which is nothing. It ends when its stdin does.
"""

import http.client
import itertools
import sys
import threading
import time
from urllib.parse import urlencode

SUBJECTS = 33_334
"""How many subjects the store of the suite has; each has its number as its value."""
SUBJECT, VALUE = "http://example.org/s/", "http://example.org/value"
ADDRESS = "127.0.0.2"
_PAUSE_S = 0.02
_TIMEOUT_S = 10
_KNOWN_EVERY = 5
"""How often it asks for what it has asked for before; all else is new to the cache."""
_CONNECTION_EVERY = 25
"""How often it opens a new connection."""


def main() -> None:
    """Ask until nobody is there who would want to know."""
    port = int(sys.argv[1])
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    connection = _connection(port)
    for number in itertools.count():
        if ended.wait(_PAUSE_S):
            return
        if number % _CONNECTION_EVERY == 0:
            connection.close()
            connection = _connection(port)
        subject = 0 if number % _KNOWN_EVERY == 0 else number % SUBJECTS
        began = time.perf_counter()
        fault = _ask(connection, subject)
        sys.stdout.write(f"{began}\t{time.perf_counter() - began}\t{fault}\n")
        sys.stdout.flush()


def _connection(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(
        "127.0.0.1", port, timeout=_TIMEOUT_S, source_address=(ADDRESS, 0)
    )


def _ask(connection: http.client.HTTPConnection, subject: int) -> str:
    """Ask for the value of *subject*; return what is wrong with the answer."""
    query = urlencode({"query": f"SELECT ?value {{ <{SUBJECT}{subject}> <{VALUE}> ?value }}"})
    try:
        connection.request("GET", f"/sparql?{query}", headers={"Accept": "text/csv"})
        response = connection.getresponse()
        answer = response.read()
    except (OSError, http.client.HTTPException) as error:
        connection.close()
        return repr(error)
    if (response.status, answer) == (200, b"value\r\n%d\r\n" % subject):
        return ""
    return f"{response.status} {answer[:100]!r}"


if __name__ == "__main__":
    main()
