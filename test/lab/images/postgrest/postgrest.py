#!/usr/bin/python3
"""A stand-in for PostgREST: enough of it to prove a stack around it.

Reads the same settings (PGRST_DB_URI, PGRST_DB_SCHEMAS, PGRST_DB_ANON_ROLE,
PGRST_SERVER_HOST, PGRST_SERVER_PORT, PGRST_ADMIN_SERVER_PORT, and whatever
libpq reads, such as PGPASSFILE or PGSERVICEFILE). A value `@PATH` is read from that file.

Serves  GET /                      the names of the tables and views
        GET|HEAD /TABLE            rows as JSON; select, order, limit, offset and
                                   filters COLUMN=eq|neq|gt|gte|lt|lte|like|is.VALUE
        POST /TABLE                inserts a JSON object or a list of them
and, when PGRST_ADMIN_SERVER_PORT is set, GET /live and /ready on that port.
`postgrest --ready` asks the admin port, and exits 0 or 1.

As the real one: SIGUSR1 and SIGUSR2 do not end it (there is no pool here, so that
nothing has to be opened anew), and it ends when the database refuses its password.

Every request runs in a transaction as the anonymous role. There is no JWT: a
request that brings a token is refused, never served as somebody else.
"""
import datetime
import decimal
import json
import os
import signal
import socket
import sys
import threading
import urllib.parse
import uuid
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg2
from psycopg2 import errors, sql

OPERATORS = {"eq": "=", "neq": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "like": "like"}
RESERVED = {"select", "order", "limit", "offset"}


def setting(name, default=None):
    """The setting's value; `@PATH` means what the file holds, less the newline."""
    value = os.environ.get("PGRST_" + name, default)
    if value and value.startswith("@"):
        with open(value[1:], encoding="utf-8") as file:
            value = file.read().rstrip("\n")
    return value


class Refusal(Exception):
    """An answer other than success, as PostgREST words it."""

    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.body = status, {"code": code, "details": None, "hint": None, "message": message}


class Database:
    def __init__(self):
        self.uri = setting("DB_URI", "postgresql://")
        self.schema = (setting("DB_SCHEMAS") or setting("DB_SCHEMA") or "public").split(",")[0].strip()
        self.role = setting("DB_ANON_ROLE")

    def transact(self, work):
        """Runs `work(cursor)` as the anonymous role; commits, or raises Refusal."""
        try:
            connection = psycopg2.connect(self.uri, connect_timeout=5, application_name="postgrest")
        except psycopg2.OperationalError as error:
            # libpq's text names the server and the user, never a password.
            print("postgrest: database: " + str(error).strip().splitlines()[0], file=sys.stderr, flush=True)
            if "password authentication failed" in str(error):
                os._exit(1)
            raise Refusal(503, "PGRST000", "Database connection error. Retrying the connection.") from None
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql.SQL("set local role {}").format(sql.Identifier(self.role)))
                cursor.execute("select set_config('search_path', %s, true)", [self.schema])
                return work(cursor)
        except errors.UndefinedTable:
            raise Refusal(404, "PGRST205", "Could not find the table in the schema cache") from None
        except errors.InsufficientPrivilege as error:
            raise Refusal(401, error.pgcode, error.diag.message_primary) from None
        except psycopg2.Error as error:
            primary = error.diag.message_primary if error.diag else "database error"
            raise Refusal(400, error.pgcode or "PGRST", primary or "database error") from None
        finally:
            connection.close()

    def ready(self):
        try:
            self.transact(lambda cursor: cursor.execute("select 1"))
            return True
        except Refusal:
            return False


def rows(cursor):
    names = [column.name for column in cursor.description]
    return [dict(zip(names, row)) for row in cursor.fetchall()]


def whole(text, name):
    try:
        return max(0, int(text))
    except ValueError:
        raise Refusal(400, "PGRST100", f"{name} wants a whole number") from None


def select(schema, table, query):
    """The statement for GET /table?query. Names are quoted, values are bound."""
    values = []
    named = [name for name in query.get("select", "*").split(",") if name]
    what = sql.SQL(", ").join(sql.SQL("*") if name == "*" else sql.Identifier(name) for name in named)
    text = sql.SQL("select {} from {}").format(what, sql.Identifier(schema, table))
    conditions = []
    for name, condition in query.items():
        if name in RESERVED:
            continue
        operator, dot, value = condition.partition(".")
        if dot and operator == "is" and value in ("null", "true", "false"):
            conditions.append(sql.SQL("{} is " + value).format(sql.Identifier(name)))
        elif dot and operator in OPERATORS:
            conditions.append(sql.SQL("{} " + OPERATORS[operator] + " %s").format(sql.Identifier(name)))
            values.append(value.replace("*", "%") if operator == "like" else value)
        else:
            raise Refusal(400, "PGRST100", f"failed to parse filter ({condition})")
    if conditions:
        text += sql.SQL(" where ") + sql.SQL(" and ").join(conditions)
    if "order" in query:
        name, _, direction = query["order"].partition(".")
        text += sql.SQL(" order by {} " + ("desc" if direction == "desc" else "asc")).format(sql.Identifier(name))
    for clause in ("limit", "offset"):
        if clause in query:
            text += sql.SQL(f" {clause} %s")
            values.append(whole(query[clause], clause))
    return text, values


def plain(value):
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, uuid.UUID):
        return str(value)
    return str(value)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "postgrest/stand-in", ""
    timeout = 30

    def answer(self, status, body=None, headers=()):
        data = b"" if body is None else json.dumps(body, default=plain).encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if body is not None:
            self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def respond(self, work):
        try:
            if "Authorization" in self.headers:
                raise Refusal(401, "PGRST300", "Server lacks JWT secret")
            if not self.server.database.role:
                raise Refusal(401, "PGRST302", "Anonymous access is disabled")
            work()
        except Refusal as refusal:
            self.answer(refusal.status, refusal.body)

    def target(self):
        parts = urllib.parse.urlsplit(self.path)
        return urllib.parse.unquote(parts.path).strip("/"), dict(urllib.parse.parse_qsl(parts.query))

    def do_GET(self):
        self.respond(self.read)

    do_HEAD = do_GET

    def read(self):
        database = self.server.database
        table, query = self.target()
        if not table:
            statement = (
                "select table_name from information_schema.tables where table_schema = %s order by 1",
                [database.schema],
            )
            found = database.transact(lambda cursor: (cursor.execute(*statement), rows(cursor))[1])
            self.answer(200, {"swagger": "2.0", "paths": {"/" + row["table_name"]: {} for row in found}})
            return
        statement = select(database.schema, table, query)
        found = database.transact(lambda cursor: (cursor.execute(*statement), rows(cursor))[1])
        last = f"0-{len(found) - 1}" if found else "*"
        self.answer(200, found, [("Content-Range", f"{last}/*")])

    def do_POST(self):
        self.respond(self.write)

    def write(self):
        database = self.server.database
        table, _ = self.target()
        try:
            records = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        except ValueError:
            raise Refusal(400, "PGRST102", "Empty or invalid json") from None
        records = records if isinstance(records, list) else [records]

        def insert(cursor):
            for record in records:
                text = sql.SQL("insert into {} ({}) values ({})").format(
                    sql.Identifier(database.schema, table),
                    sql.SQL(", ").join(map(sql.Identifier, record)),
                    sql.SQL(", ").join(sql.Placeholder() * len(record)),
                )
                cursor.execute(text, list(record.values()))

        database.transact(insert)
        self.answer(201)

    def log_message(self, form, *values):
        print("postgrest: " + form % values, file=sys.stderr, flush=True)


class Admin(Handler):
    def do_GET(self):
        healthy = {"/live": lambda: True, "/ready": self.server.database.ready}.get(self.path)
        self.answer(404 if healthy is None else 200 if healthy() else 503)

    do_HEAD = do_GET

    def do_POST(self):
        self.answer(405)

    def log_message(self, form, *values):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port, handler, database):
        host = setting("SERVER_HOST", "!4")
        # PostgREST's words for "every address": IPv4 first, IPv6 first, either only.
        if host in ("!4", "*4", "*"):
            host = "0.0.0.0"
        elif host in ("!6", "*6"):
            host = "::"
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.database = database
        super().__init__((host, int(port)), handler)


def ask_ready():
    port = setting("ADMIN_SERVER_PORT")
    if not port:
        print("postgrest: --ready wants PGRST_ADMIN_SERVER_PORT", file=sys.stderr)
        return 1
    try:
        connection = HTTPConnection("127.0.0.1", int(port), timeout=5)
        connection.request("GET", "/ready")
        return 0 if connection.getresponse().status == 200 else 1
    except OSError:
        return 1


def main():
    if "--ready" in sys.argv[1:]:
        sys.exit(ask_ready())
    database = Database()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    for reload in (signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(reload, lambda *_: None)
    admin = setting("ADMIN_SERVER_PORT")
    if admin:
        threading.Thread(target=Server(admin, Admin, database).serve_forever, daemon=True).start()
    port = setting("SERVER_PORT", "3000")
    server = Server(port, Handler, database)
    print(f"postgrest: stand-in listening on port {port}", file=sys.stderr, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
