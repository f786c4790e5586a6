"""Checks a folder of evidence without the software that made it: `python3 verify.py [PUBLIC KEY IN HEX]`.

Nothing but Python's own library, 3.9 or newer. It says `verified`, `broken` with where, or `cannot tell`; what it checked, with
numbers; and what it did not check. With the public key, had from whoever signs by another way than this folder, it checks that the
head is theirs; without, only that the folder agrees with itself.
"""

import base64
import hashlib
import json
import os
import re
import sys
from datetime import date, datetime, timedelta, timezone

HERE = os.path.dirname(os.path.abspath(__file__))
CHECKED, NOT_CHECKED = [], []

class Broken(Exception):
    """Something is not as it must be. Says where and what."""

class CannotTell(Exception):
    """Nothing can be said."""

def sha(data):
    return hashlib.sha256(data).digest()

def text_of(name):
    try:
        with open(os.path.join(HERE, *name.split("/")), "rb") as file:
            return file.read()
    except OSError as wrong:
        raise CannotTell("%s cannot be read: %s" % (name, wrong.strerror))

def lines_of(name):
    """Each line of a file, with its place, as JSON."""
    for number, line in enumerate(text_of(name).decode().splitlines(), 1):
        yield "%s line %d" % (name, number), json.loads(line)

def must(true, where, what):
    if not true:
        raise Broken("%s: %s" % (where, what))

# -- the files as they were written ------------------------------------------------------------------------------------

def manifest():
    """Every file is there, as it was written, and no other is."""
    text = text_of("MANIFEST").decode("utf-8", "replace")
    names = []
    for number, line in enumerate(text.splitlines(), 1):
        found = re.fullmatch(r"([0-9a-f]{64})  ([A-Za-z0-9._/-]+)", line)
        must(found, "MANIFEST line %d" % number, "it is no digest and name")
        path = os.path.join(HERE, *found[2].split("/"))
        must(os.path.isfile(path), found[2], "MANIFEST names it, and it is not there")
        must(sha(text_of(found[2])).hex() == found[1], found[2], "it is not what was written (or MANIFEST is not)")
        names.append(found[2])
    must(text == "".join(line + "\n" for line in text.splitlines()), "MANIFEST", "its lines are not as written")
    there = [os.path.relpath(os.path.join(at, one), HERE).replace(os.sep, "/") for at, _, all_ in os.walk(HERE) for one in all_]
    for name in sorted(set(there) - set(names) - {"MANIFEST"}):
        must(name.endswith(".pyc"), name, "it is not of this folder: MANIFEST does not name it")
    CHECKED.append("%d files are as they were written" % len(names))

# -- the head, and who signed it (RFC 8032) ----------------------------------------------------------------------------

P = 2**255 - 19
D = -121665 * pow(121666, P - 2, P) % P
ORDER = 2**252 + 27742317777372353535851937790883648493

def plus(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P

def times(n, point):
    sum_ = (0, 1, 1, 0)
    while n:
        sum_, point, n = plus(sum_, point) if n & 1 else sum_, plus(point, point), n >> 1
    return sum_

def point_of(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P:
        return None
    x = P - x if x % 2 != sign else x
    return x, y, 1, x * y % P

def signed_by(public, message, signature):
    key, r, s = point_of(public), point_of(signature[:32]), int.from_bytes(signature[32:], "little")
    if key is None or r is None or s >= ORDER:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    one, other = times(s, BASE), plus(r, times(h, key))
    return (one[0] * other[2] - other[0] * one[2]) % P == 0 and (one[1] * other[2] - other[1] * one[2]) % P == 0

BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))

def head(public):
    """Size and root of the log, and the ends of journal and ticks, as the note says; and that it is signed."""
    body, gap, below = text_of("head.txt").decode().partition("\n\n")
    rows = body.split("\n")
    must(gap and len(rows) == 5, "head.txt", "it is no head")
    found = {"size": int(rows[1]), "root": base64.b64decode(rows[2]).hex()}
    for name, row in zip(("journal", "ticks"), rows[3:]):
        must(re.fullmatch(name + r" \d+ [0-9a-f]{64}", row), "head.txt", "it has no line of the " + name)
        found[name] = (int(row.split()[1]), row.split()[2])
    if below.strip() == "unsigned":
        must(public is None, "head.txt", "it is unsigned, and a key was given")
        NOT_CHECKED.append("who gave the head out: it is unsigned")
    elif public is None:
        NOT_CHECKED.append("who signed the head: give the public key, had by another way (python3 verify.py KEY)")
    else:
        signed = base64.b64decode(below.strip().rpartition(" ")[2])
        must(signed_by(public, (body + "\n").encode(), signed[4:]), "head.txt", "it is not signed by this key")
        CHECKED.append("the head is signed by the key given")
    return found

def chains(ends):
    """Journal and ticks, each entry chained to the one before, up to the head. Gives what was frozen, by its name."""
    frozen = {}
    for name in ("journal", "ticks"):
        chain, count = bytes(32), 0
        for where, row in lines_of(name + ".ndjson"):
            count += 1
            if name == "journal":
                seq, at, act, told = row
                chain = sha(chain + seq.to_bytes(8, "big") + ("\0%s\0%s\0%s" % (at, act, told)).encode())
                if act == "frozen":
                    frozen[json.loads(told)["publication"]] = json.loads(told)
            else:
                chain = sha(chain + json.dumps(row, separators=(",", ":"), ensure_ascii=False).encode())
            must(row[0] == count, where, "the entry before it is missing")
        must((count, chain.hex()) == ends[name], name + ".ndjson", "it does not end as the head says")
        CHECKED.append("%d entries of the %s are chained, and end as the head says" % (count, name))
    return frozen

# -- the events, and that they are of the log (RFC 6962) ---------------------------------------------------------------

def events():
    """The events by place, as (leaf, payload); an erased row has no payload."""
    found, erased = {}, 0
    for where, (seq, known_at, source, digest, salt, payload) in lines_of("events.ndjson"):
        if payload is None:
            erased += 1
        else:
            must(sha(bytes.fromhex(salt) + payload.encode()).hex() == digest, where, "its content is not what was logged")
        leaf = seq.to_bytes(8, "big") + bytes.fromhex(digest) + ("\0%s\0%s" % (known_at, source)).encode()
        found[seq] = (sha(b"\0" + leaf), payload)
    CHECKED.append("%d events have the content that was logged; %d rows are erased" % (len(found) - erased, erased))
    return found

def prove(where, proof, leaves):
    """The leaves, with the roots of all that lies between them, have this root."""
    places = sorted(seq - 1 for seq in leaves if seq <= proof["size"])
    inner = base64.b64decode(proof["hashes"], validate=True)
    rest = iter([inner[at:at + 32] for at in range(0, len(inner), 32)])

    def root(first, last, some):
        if not some:
            return next(rest)
        if last - first == 1:
            return leaves[first + 1][0]
        half = 1 << (last - first - 1).bit_length() - 1
        cut = sum(place < first + half for place in some)
        return sha(b"\1" + root(first, first + half, some[:cut]) + root(first + half, last, some[cut:]))

    if not places:
        NOT_CHECKED.append("that any event is of the log: there is none here")
        return
    must(root(0, proof["size"], places).hex() == proof["root"] and next(rest, None) is None, where, "the root is another")
    CHECKED.append("%d rows are of the log of %d rows" % (len(places), proof["size"]))

# -- published figures -------------------------------------------------------------------------------------------------

def tree(leaves):
    if len(leaves) < 2:
        return sha(b"\0" + leaves[0]) if leaves else sha(b"")
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sha(b"\1" + tree(leaves[:half]) + tree(leaves[half:]))

def publication(name, journalled, known):
    """Lines have their root, figures are their sum, due days follow from start, limit and calendar, verdicts from stops."""
    facts = json.loads(text_of(name + "/facts.json"))
    for field in ("position", "head", "root", "lines", "lines_root"):
        must(journalled and facts[field] == journalled[field], name + "/facts.json", "the journal has another " + field)
    for kind in ("register", "calendar", "teams", "sources"):
        must(sha(kind.encode() + b"\n" + text_of("%s/%s.json" % (name, kind))).hex() == facts[kind], "%s/%s.json" % (name, kind), "these are other rules")
    calendar = json.loads(text_of(name + "/calendar.json"))
    leaves, sums, counts = [], {}, {"due": 0, "verdict": 0, "not": 0, "erased": 0}
    for where, (leaf, salt, who, duty) in lines_of(name + "/lines.ndjson"):
        leaves.append(json.dumps(leaf, separators=(",", ":"), ensure_ascii=False).encode())
        if who is None:
            counts["erased"] += 1
        else:
            must(sha(bytes.fromhex(salt) + who.encode()).hex() == leaf[1], where, "whom it is about was changed")
            recount(where, json.loads(who), leaf[3], duty, facts, calendar, known, counts)
        for division, team, measure, n in leaf[6]:
            for group in (("county", "county"), ("division", division), ("team", team)):
                key = (*group, leaf[2], measure)
                sums[key] = sums.get(key, 0) + n
    must(len(leaves) == facts["lines"] and tree(leaves).hex() == facts["lines_root"], name + "/lines.ndjson", "the root is another")
    shown = {tuple(row[:4]): row[4] for _, row in lines_of(name + "/figures.ndjson")}
    must(shown == {key: n for key, n in sums.items() if n}, name + "/figures.ndjson", "figures are not the sum of lines")
    CHECKED.append("%s: %d lines have the root that the journal has, and %d figures are their sum" % (name, len(leaves), len(shown)))
    CHECKED.append("%s: %d due days and %d verdicts come out the same" % (name, counts["due"], counts["verdict"]))
    NOT_CHECKED.append("%s: %d lines whose due day is not counted from a plain limit; %d whose child is not told here" % (name, counts["not"], counts["erased"]))

def recount(where, who, verdict, duty, facts, calendar, known, counts):
    if duty is None:
        counts["not"] += 1
        return
    start, due = date.fromisoformat(who["started_on"]), date.fromisoformat(who["due_on"])
    counted = after(start, duty["count"], duty["unit"], calendar) - timedelta(days=1 if duty["before"] else 0)
    must(counted == due, where, "it is due on %s, and counted from its start %s on %s" % (due, start, counted))
    counts["due"] += 1
    ended = who.get("ended_on")
    today = london(datetime.fromisoformat(facts["as_of"].replace("Z", "+00:00")))
    if verdict in ("met", "missed") and ended and duty["stopped"]:
        must((verdict == "met") == (date.fromisoformat(ended) <= due), where, "its verdict is not what its stop says")
        named = known.get(who["causes"][-1])
        must(named is None or ended in named, where, "the event that stopped it is of another day")
        counts["verdict"] += 1
    elif verdict == "overdue":
        must(not ended and due < today, where, "it is not overdue")
        counts["verdict"] += 1

def after(day, count, unit, calendar):
    if unit in ("days", "weeks"):
        return day + timedelta(days=count * (7 if unit == "weeks" else 1))
    if unit in ("months", "years"):
        at = day.year * 12 + day.month - 1 + count * (12 if unit == "years" else 1)
        first = date(at // 12, at % 12 + 1, 1)
        last = (date(first.year + first.month // 12, first.month % 12 + 1, 1) - timedelta(days=1)).day
        return first.replace(day=min(day.day, last))
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5 and day.isoformat() not in calendar["bank_holidays"]
    return day

def london(instant):
    """The London day of an instant: an hour ahead from the last Sunday of March to that of October, at 01:00 UTC."""
    utc = instant.astimezone(timezone.utc)
    turns = [datetime(utc.year, month, 31 - date(utc.year, month, 31).isoweekday() % 7, 1, tzinfo=timezone.utc) for month in (3, 10)]
    return (utc + timedelta(hours=1 if turns[0] <= utc < turns[1] else 0)).date()

def days_of(payloads):
    """The days on which the events happened, by their ids."""
    found = {}
    for payload in payloads:
        event = json.loads(payload)
        day = event.get("occurredon") or london(datetime.fromisoformat(event["time"].replace("Z", "+00:00"))).isoformat()
        found.setdefault(event["id"], set()).add(day)
    return found

def main():
    public = bytes.fromhex(sys.argv[1]) if len(sys.argv) > 1 else None
    manifest()
    facts = json.loads(text_of("evidence.json"))
    ends = head(public)
    frozen = chains(ends)
    there = events()
    for proof in facts["proofs"]:
        must(proof["size"] != ends["size"] or proof["root"] == ends["root"], "evidence.json", "its root is not the head's")
        prove("evidence.json", proof, there)
    must(any(proof["size"] == ends["size"] for proof in facts["proofs"]), "evidence.json", "it has no proof for the head")
    known = days_of(payload for _, payload in there.values() if payload is not None)
    for name in facts["publications"]:
        publication(name, frozen.get(name), known)
    NOT_CHECKED.append("that no clock was left out, and which event begins or stops what: that takes every event (--whole) and the product, %s: %s" % (facts["product"], facts["command"]))

if __name__ == "__main__":
    try:
        main()
        result = "verified" if CHECKED else "cannot tell: nothing was checked"
    except Broken as broken:
        result = "broken: %s" % broken
    except CannotTell as unknown:
        result = "cannot tell: %s" % unknown
    except (ValueError, KeyError, TypeError, IndexError, StopIteration, AttributeError, RecursionError) as wrong:
        result = "broken: a file is not of the form that it must have (%s)" % type(wrong).__name__
    for line in CHECKED:
        print("checked:     " + line)
    for line in NOT_CHECKED:
        print("not checked: " + line)
    print(result)
    sys.exit(0 if result == "verified" else 1)
