#!/usr/bin/env python3
"""Measures akwiz as a person at the end of an SSH line feels it, and writes docs/performance.md.

    python3 tools/measure.py                 measure target/release/akwiz and print the table
    python3 tools/measure.py --write         … and write docs/performance.md
    python3 tools/measure.py --build         … and first build it anew in a folder of its own, counting the processor's seconds

Needs Linux (/proc) and Python's standard library. Optional: whiptail (to compare the start with), openssl (for the TLS row), strace (for
the row of writes per frame), cargo (for round trips and the build). A row whose tool is missing says so.

Bytes are exact and the same on every machine. Times are medians of five starts, taken in turns with whiptail and with an empty process,
so that a busy machine is busy for all of them.
"""

import argparse
import datetime
import fcntl
import http.server
import os
import pty
import re
import resource
import select
import shutil
import signal
import ssl
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "performance.md"
CARGO = os.environ.get("CARGO", "cargo")
COLUMNS, ROWS = 100, 30
RUNS = 5
ENTER, DOWN, CTRL_C, CTRL_U = b"\r", b"\x1b[B", b"\x03", b"\x15"
# What a terminal would answer: status, attributes, colors, keyboard, modes, sizes.
QUERY = re.compile(rb"\x1b\[[56]n|\x1b\[[>=]?0?c|\x1b\]1[01];\?|\x1b\[\?u|\x1b\[\?\d+\$p|\x1b\[1[468]t|\x1b\[>0?q|\x1bP\+q")
SEQUENCE = re.compile(rb"\x1b\[([?>=]?)([0-9;]*)([@-~])|\x1b[\]P].*?(?:\x07|\x1b\\)|\x1b[()][0-9A-B]|\x1b[=>78]", re.S)


class Screen:
    """As much of a terminal as it takes to read a screen."""

    def __init__(self):
        self.rows = [[" "] * COLUMNS for _ in range(ROWS)]
        self.row = self.column = 0
        self.rest = b""

    def feed(self, data):
        data, self.rest = self.rest + data, b""
        at = 0
        while at < len(data):
            if data[at] == 0x1B:
                found = SEQUENCE.match(data, at)
                if not found:
                    self.rest = data[at:]
                    return
                self.sequence(found)
                at = found.end()
                continue
            end = data.find(b"\x1b", at)
            end = len(data) if end < 0 else end
            self.text(data[at:end].decode("utf-8", "replace"))
            at = end

    def sequence(self, found):
        kind, numbers = found[3], [int(n) for n in (found[2] or b"").split(b";") if n]
        if kind == b"H":
            self.row, self.column = (numbers + [1, 1])[0] - 1, (numbers + [1, 1])[1] - 1
        elif kind == b"J" and numbers[:1] == [2]:
            self.rows = [[" "] * COLUMNS for _ in range(ROWS)]
        elif kind == b"K":
            self.rows[self.row][self.column :] = [" "] * (COLUMNS - self.column)
        elif kind == b"G":
            self.column = (numbers or [1])[0] - 1
        elif kind == b"d":
            self.row = (numbers or [1])[0] - 1
        elif kind == b"C":
            self.column += (numbers or [1])[0]

    def text(self, text):
        for letter in text:
            if letter == "\r":
                self.column = 0
            elif letter == "\n":
                self.row = min(self.row + 1, ROWS - 1)
            elif letter == "\b":
                self.column = max(self.column - 1, 0)
            elif letter >= " " and self.row < ROWS and self.column < COLUMNS:
                self.rows[self.row][self.column] = letter
                self.column += 1

    def shows(self, text):
        return any(text in "".join(row) for row in self.rows)

    def __str__(self):
        return "\n".join("".join(row).rstrip() for row in self.rows)


class Session:
    """A program in a pseudo-terminal."""

    def __init__(self, command, home, variables=None):
        environment = {
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": str(home),
            **(variables or {}),
        }
        self.screen, self.sent = Screen(), bytearray()
        size = struct.pack("HHHH", ROWS, COLUMNS, 0, 0)
        self.began = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            os.chdir(home)
            try:
                os.execve(command[0], command, environment)
            except OSError:
                os._exit(127)

    def read(self, seconds):
        """Takes in what comes within this time; False if nothing did."""
        ready, _, _ = select.select([self.fd], [], [], max(seconds, 0))
        if not ready:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.sent += data
        self.screen.feed(data)
        return bool(data)

    def wait_for(self, text, seconds=60):
        """Waits until the screen shows `text`; returns the milliseconds since the start."""
        end = time.perf_counter() + seconds
        while not self.screen.shows(text):
            if not self.read(end - time.perf_counter()):
                raise SystemExit(f"Waited for {text!r}. The screen shows:\n{self.screen}")
        return (time.perf_counter() - self.began) * 1000

    def settle(self, quiet=0.25):
        while self.read(quiet):
            pass

    def key(self, key, quiet=0.08):
        """Presses a key; returns the bytes that it costs."""
        before = len(self.sent)
        os.write(self.fd, key)
        end = time.perf_counter() + 2
        while len(self.sent) == before and time.perf_counter() < end:
            self.read(0.01)
        self.settle(quiet)
        return len(self.sent) - before

    def turn(self, key, text):
        """Presses a key until the screen shows `text`; returns the bytes of that."""
        for _ in range(20):
            before = len(self.sent)
            os.write(self.fd, key)
            end = time.perf_counter() + 2
            while not self.screen.shows(text) and time.perf_counter() < end:
                self.read(0.05)
            if self.screen.shows(text):
                self.settle()
                return len(self.sent) - before
        raise SystemExit(f"Pressed a key for {text!r}. The screen shows:\n{self.screen}")

    def processor(self):
        """Processor time in nanoseconds and how often a thread was woken."""
        spent = woken = 0
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            try:
                spent += int((task / "schedstat").read_text().split()[0])
                woken += sum(map(int, re.findall(r"ctxt_switches:\s+(\d+)", (task / "status").read_text())))
            except OSError:
                continue
        return spent, woken

    def resident(self):
        """Resident memory in MiB: now, and at its highest."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return tuple(int(re.search(rf"{name}:\s+(\d+)", status)[1]) / 1024 for name in ("VmRSS", "VmHWM"))

    def close(self):
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def number(value, digits=1):
    return f"{value:,.{digits}f}" if isinstance(value, float) else f"{value:,}"


class Table:
    def __init__(self):
        self.rows = []

    def add(self, what, measured, limit=None, unit="", note=""):
        verdict = "" if limit is None else ("yes" if measured <= limit else "**no**")
        shown = f"{number(measured)} {unit}".strip()
        wanted = "" if limit is None else f"≤ {number(limit)} {unit}".strip()
        self.rows.append((what, shown, wanted, verdict, note))
        print(f"{what:<58} {shown:>14} {wanted:>16} {verdict.strip('*'):<4} {note}")

    def skip(self, what, why):
        self.rows.append((what, "not measured", "", "", why))
        print(f"{what:<58} {'not measured':>14} {'':>16} {'':<4} {why}")

    def markdown(self):
        lines = ["| What | Measured | Wanted | Held | Note |", "| --- | ---: | ---: | --- | --- |"]
        return "\n".join(lines + [f"| {' | '.join(row)} |" for row in self.rows])


def quantile(values, part):
    values = sorted(values)
    return values[min(len(values) - 1, round(part * (len(values) - 1)))]


def starts(table, akwiz, home):
    menu = [word for at in range(40) for word in (f"item{at}", f"Description of item {at}")]
    programs = {"an empty process": (["/usr/bin/printf", "x"], "x")}
    if shutil.which("whiptail"):
        programs["whiptail's menu"] = ([shutil.which("whiptail"), "--menu", "Pick", "28", "90", "20", *menu], "<Cancel>")
    programs["akwiz"] = ([akwiz], "quit")
    programs["akwiz --demo"] = ([akwiz, "--demo"], "quit")
    times = {name: [] for name in programs}
    for _ in range(RUNS):
        for name, (command, text) in programs.items():
            session = Session(command, home)
            times[name].append(session.wait_for(text))
            session.close()
    medians = {name: statistics.median(values) for name, values in times.items()}
    empty, menu = medians["an empty process"], medians.get("whiptail's menu")
    table.add("First frame: an empty process", empty, unit="ms")
    if menu:
        table.add("First frame: whiptail's menu", menu, unit="ms", note=f"{menu / empty:.1f} × an empty process")
    else:
        table.skip("First frame: whiptail's menu", "whiptail is not installed")
    for name in ("akwiz", "akwiz --demo"):
        ratio = f"{medians[name] / empty:.1f} × an empty process" + (f", {medians[name] / menu:.2f} × whiptail" if menu else "")
        table.add(f"First frame: {name}", medians[name], min(menu or empty + 20, empty + 20), "ms", ratio)


def keys(table, akwiz, home):
    session = Session([akwiz, "--demo", "--clipboard", "osc52"], home)
    session.wait_for("quit")
    session.settle()
    table.add("Start", len(session.sent), 6000, "bytes")
    table.add("Questions to the terminal at the start", len(QUERY.findall(bytes(session.sent))), 0)
    pages = [session.turn(ENTER, "akwiz  Application")]
    session.settle(0.5)
    # The preview follows once the selection rests: what comes later than a moment after the key is the preview.
    moves, previews = [], []
    for _ in range(15):
        before = len(session.sent)
        moves.append(session.key(DOWN, 0.05))
        session.settle(0.4)
        previews.append(len(session.sent) - before - moves[-1])
    table.add("A move in the list: median", statistics.median(moves), 120, "bytes")
    table.add("A move in the list: 95th percentile", quantile(moves, 0.95), 120, "bytes")
    table.add("The preview, once the selection rests: most", max(previews), 1500, "bytes")
    search = []
    for letter in b"portainer":
        search.append(session.key(bytes([letter]), 0.05))
        session.settle(0.4)
    table.add("A letter in the search: most", max(search), 1800, "bytes", f"median {statistics.median(search):.0f}")
    pages.append(session.turn(ENTER, "akwiz  Questions"))
    derived = [session.key(bytes([letter])) for letter in b"https://portainer.example.com"]
    table.add(
        "A letter in a field with derived lines: 95th percentile",
        quantile(derived, 0.95),
        180,
        "bytes",
        f"median {statistics.median(derived):.0f}, most {max(derived)}",
    )
    pages.append(session.turn(ENTER, "akwiz  Review"))
    session.settle(0.5)
    pages.append(session.turn(ENTER, "akwiz  Client settings"))
    table.add("Another page: most", max(pages), 4500, "bytes", f"{len(pages)} pages, the least {min(pages):,}")
    idle(table, session, "Idle, client settings")
    session.close()

    session = Session([akwiz, "--demo"], home)
    session.wait_for("quit")
    session.settle()
    idle(table, session, "Idle, first page")
    session.close()


def idle(table, session, what):
    session.settle(1.0)
    bytes_before, (spent, woken) = len(session.sent), session.processor()
    session.settle(3.0)
    spent_after, woken_after = session.processor()
    table.add(f"{what}: bytes in 3 s", len(session.sent) - bytes_before, 0)
    table.add(f"{what}: wake-ups in 3 s", woken_after - woken, 0, note=f"{(spent_after - spent) / 1e6:.2f} ms of processor time")


def letters(table, akwiz, home, address, ca_file):
    """A plain field: the token, which is only asked for without the demo."""
    session = Session([akwiz, "--url", address, "--public-url", "https://auth.example.com", "--ca-file", str(ca_file)], home)
    session.wait_for("quit")
    session.turn(ENTER, "akwiz  Sign in")
    session.settle(0.5)
    resident, highest = session.resident()
    table.add("Resident after the first TLS request, demo off", resident, 12.0, "MiB", f"highest {highest:.1f}")
    plain = [session.key(bytes([letter])) for letter in b"atokenofthirtylettersandmore"]
    table.add(
        "A letter in a plain field: 95th percentile", quantile(plain[1:], 0.95), 60, "bytes", f"median {statistics.median(plain[1:]):.0f}"
    )
    session.close()


FLOW = b"""<!doctype html><html><head><title>authentik</title>
<script>window.authentik = { version: "2025.12.4", versionFamily: "2025.12", locale: "en" };</script>
<link rel="stylesheet" href="/static/dist/authentik.css?version=2025.12.4"></head><body><ak-flow-executor></ak-flow-executor></body></html>"""


class Handler(http.server.BaseHTTPRequestHandler):
    """As much of authentik as the first page looks at."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        flow = self.path.startswith("/if/flow/")
        body, kind = (FLOW, "text/html") if flow else (b'{"detail":"Authentication credentials were not provided."}', "application/json")
        self.send_response(200 if flow else 403)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-authentik-id", "0")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def with_tls(table, akwiz, home):
    if not shutil.which("openssl"):
        return table.skip("Resident after the first TLS request, demo off", "openssl is not installed")
    with tempfile.TemporaryDirectory() as folder:
        key, certificate = Path(folder, "key.pem"), Path(folder, "certificate.pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
            + ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", certificate],
            check=True,
            stderr=subprocess.DEVNULL,
        )
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        letters(table, akwiz, home, f"https://localhost:{server.server_port}", certificate)
        server.shutdown()


def writes(table, akwiz, home):
    what = "Writes for a frame: most"
    if not shutil.which("strace"):
        return table.skip(what, "strace is not installed")
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log")
        command = [shutil.which("strace"), "-f", "-y", "-s", "0", "-e", "trace=write,writev", "-o", str(log), akwiz, "--demo"]

        def count():
            return len(re.findall(r"^\d+ +writev?\(\d+</dev/(?:pts/\d+|tty)>", log.read_text(), re.M))

        session = Session(command, home)
        session.wait_for("quit")
        session.settle(0.5)
        if not log.exists():
            return table.skip(what, "strace may not trace here")
        counts = [count()]
        session.turn(ENTER, "akwiz  Application")
        session.settle(0.5)
        for letter in b"porta":
            before = count()
            session.key(bytes([letter]), 0.05)
            counts.append(count() - before)
        os.write(session.fd, CTRL_C)
        session.settle(0.3)
        session.close()
    table.add(what, max(counts), 1, note=f"the start and {len(counts) - 1} keys")


def round_trips(table):
    """From the stand-in's log, by a test that prints it."""
    if not shutil.which(CARGO):
        return table.skip("Round trips from Enter on review", "cargo is not installed")
    run = subprocess.run(
        [CARGO, "test", "--quiet", "--test", "round_trips", "--", "--nocapture", "--test-threads=1"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = re.findall(r"^round trips: (.+): (\d+) of at most (\d+)$", run.stdout, re.M)
    for what, count, limit in found:
        table.add(f"Round trips from Enter on review: {what}", int(count), int(limit))
    if not found:
        table.skip("Round trips from Enter on review", "the test printed nothing")


def build(table):
    """A clean release build, in a folder of its own."""
    with tempfile.TemporaryDirectory() as target:
        subprocess.run([CARGO, "fetch", "--locked"], cwd=ROOT, check=True)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.perf_counter()
        subprocess.run([CARGO, "build", "--release", "--locked", "--target-dir", target], cwd=ROOT, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        table.add("A clean release build", seconds, 450.0, "CPU s", f"{time.perf_counter() - began:.0f} s of waiting on a busy or idle machine")
        binary = ROOT / "target" / "release" / "akwiz"
        binary.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(Path(target, "release", "akwiz"), binary)


def page(table):
    processors = len(os.sched_getaffinity(0))
    return f"""# Performance

Written by `python3 tools/measure.py --write` on {datetime.date.today().isoformat()}, on a machine with {processors} processor cores that did other
work at the same time. A terminal of {COLUMNS}×{ROWS} cells. Times are medians of {RUNS} starts taken in turns, so only their ratios mean something on
another machine; bytes are exact. The limits on bytes are also tests (`tests/budgets.rs`, `tests/pty`).

{table.markdown()}

How it is kept so:

- The first frame needs no network, no keyring, no template and no answer of the terminal; all of that comes after it.
- A frame is collected and leaves in one write, and holds only the cells that changed. The selected row differs by a marker, not by a
  color over its whole width.
- The wizard sleeps until a key, a signal, an answer or a due time. There is no frame rate and no tick.
- The preview beside a list follows once the selection rests.
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=Path, default=ROOT / "target" / "release" / "akwiz", help="the binary to measure")
    parser.add_argument("--build", action="store_true", help="build it first, from nothing, and count the processor's seconds")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    options = parser.parse_args()
    table = Table()
    if options.build:
        build(table)
    if not options.binary.exists():
        sys.exit(f"{options.binary} is not there: build it with cargo build --release, or use --build.")
    akwiz = str(options.binary.resolve())
    with tempfile.TemporaryDirectory() as home:
        starts(table, akwiz, home)
        keys(table, akwiz, home)
        with_tls(table, akwiz, home)
        writes(table, akwiz, home)
    round_trips(table)
    table.add("The release binary", options.binary.stat().st_size / 1e6, 9.0, "MB", "the goal is 8")
    if options.write:
        # The section of another tool stays: examples/many.rs prints its rows.
        _, mark, other = (PAGE.read_text() if PAGE.exists() else "").partition("\n## ")
        PAGE.write_text(page(table) + mark + other)


if __name__ == "__main__":
    main()
