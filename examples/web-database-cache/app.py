"""Counts visits in PostgreSQL; what Redis remembers of the last second is answered from there."""
import os
import socket
import socketserver
import sys

import psycopg2


def cache(*words):
    """One command of Redis; its answer as text, or None."""
    with socket.create_connection((os.environ["CACHE"], 6379), 2) as connection:
        connection.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words))
        answer = connection.makefile("rb")
        head = answer.readline()
        return answer.readline().strip() if head[:1] == b"$" and head != b"$-1\r\n" else None


def visits():
    known = cache(b"GET", b"visits")
    if known is not None:
        return known.decode() + " (from the cache)"
    with psycopg2.connect(os.environ["DATABASE"]) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS visit (at timestamptz DEFAULT now())")
        cursor.execute("INSERT INTO visit DEFAULT VALUES")
        cursor.execute("SELECT count(*) FROM visit")
        count = str(cursor.fetchone()[0])
    cache(b"SET", b"visits", count.encode(), b"PX", b"1000")
    return count


class Page(socketserver.StreamRequestHandler):
    def handle(self):
        while self.rfile.readline().strip():
            pass
        body = ("visits: " + visits() + "\n").encode()
        self.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))


if sys.argv[1:] == ["check"]:
    socket.create_connection(("127.0.0.1", 8000), 2).close()
else:
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    socketserver.ThreadingTCPServer(("", 8000), Page).serve_forever()
