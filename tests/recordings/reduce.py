#!/usr/bin/env python3
"""Reduces the recordings of real authentik servers to what the replay compares: one file a scenario, one line a request.

    tests/recordings/reduce.py <folder of recordings> [scenario …]

Headers that do not matter are dropped. HTML becomes its title and heading, a session cookie the name of its user, long keys and tokens a
short form that stays the same everywhere, and long lists keep their first entries. `known` tells which of the server's own objects a
primary key stands for.
"""

import base64
import hashlib
import json
import re
import sys
from pathlib import Path

KEEP = 4
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# The scenario with grant types begins with a transaction; its server's objects are named nowhere else. The order of the four mappings and
# which flow is which are those of the other scenarios' first transaction.
GRANTS = {
    "9382f60b-a528-4f74-9928-e2b96a1b7dda": ["flows", "slug", "default-provider-authorization-implicit-consent"],
    "84679643-1a17-464a-9b15-7af969ad2b6b": ["flows", "slug", "default-provider-invalidation-flow"],
    "2c86b276-72cf-4a90-8cf1-2f6f4f251b7b": ["scope_mappings", "scope_name", "openid"],
    "bf53ab74-2b77-42d3-a8ed-092a9672446e": ["scope_mappings", "scope_name", "email"],
    "86f65ead-4378-40f2-b7ee-c8e4053fbe76": ["scope_mappings", "scope_name", "profile"],
    "d575fa4a-7500-4abc-bc83-ac7e8d0c0844": ["scope_mappings", "scope_name", "offline_access"],
    "77a8ca6d-0065-4ced-9cfb-8c3bfb866aae": ["certificates", "name", "authentik Self-signed Certificate"],
}


def short(text):
    # Who made the recording does not matter.
    text = re.sub(r"^made by a .*", "made for a test", text)
    if "error-reporting" in text:
        return ""
    if text.startswith("data:image"):
        return "data:image/svg+xml;base64,"
    if len(text) > 100 and not re.search(r"\s", text.strip()) and not text.startswith(("http", "/")):
        return text[:12] + "~" + hashlib.sha1(text.encode()).hexdigest()[:10]
    if len(text) > 100 and text.startswith("-----BEGIN"):
        return text.split("\n")[0]
    return text


def shrink(value, key=None):
    if isinstance(value, str):
        return short(value)
    if isinstance(value, list):
        kept = 1 if key in ("system_permissions", "x5c", "permissions_obj") else KEEP
        if key in (None, "results", "system_permissions", "permissions_obj", "x5c"):
            value = value[:kept]
        return [shrink(entry, "entry") for entry in value]
    if isinstance(value, dict):
        return {name: {} if name == "autocomplete" else shrink(entry, name) for name, entry in value.items()}
    return value


def page(html):
    title = re.search(r"<title>(.*?)</title>", html, re.S)
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", html, re.S)
    clean = lambda match: re.sub(r"\s+", " ", match.group(1)).strip() if match else ""
    return {"$page": {"title": clean(title), "heading": clean(heading)}}


def session(cookie, names):
    """The user of the session cookie, which is a JSON web token; None for nobody."""
    token = re.search(r"authentik_session=([^;]*)", cookie)
    if not token:
        return None
    payload = token.group(1).split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return names.get(claims["sub"]) if claims["authenticated"] else None


def reduce(recording, names):
    request, response = recording["request"], recording["response"]
    headers = request.get("headers") or {}
    kept = {"name": recording["name"], "method": request["method"], "path": request["path"]}
    for header, key in (("Content-Type", "content_type"), ("Accept", "accept"), ("Authorization", "authorization")):
        value = headers.get(header)
        if value and not (header == "Accept" and value == "application/json"):
            kept[key] = " ".join(short(part) for part in value.split(" "))
    if "Cookie" in headers:
        kept["session"] = session(headers["Cookie"], names)
        kept["csrf"] = "X-authentik-CSRF" in headers
    if request.get("body") is not None:
        # Bodies of requests stay whole but for tokens: the stand-in has to read them.
        body = request["body"]
        kept["body"] = {name: short(value) if isinstance(value, str) else value for name, value in body.items()} if isinstance(body, dict) else body
    kept["status"] = response["status"]
    found = dict(response["headers"])
    if "location" in found:
        kept["location"] = found["location"]
    body = response["body"]
    if isinstance(body, str) and "<html" in body:
        body = page(body)
    kept["answer"] = shrink(body)
    return kept


def identify(value, found):
    """Collects primary key -> [table, field, value] of the objects that every new server has."""
    if isinstance(value, dict):
        pk = value.get("pk")
        if isinstance(pk, str):
            if "designation" in value and value.get("slug") not in (None, "default-device-code-flow"):
                found[pk] = ["flows", "slug", value["slug"]]
            elif str(value.get("managed") or "").startswith("goauthentik.io/providers"):
                found[pk] = ["scope_mappings", "managed", value["managed"]]
            elif value.get("name") == "authentik Self-signed Certificate":
                found[pk] = ["certificates", "name", value["name"]]
            elif value.get("component") == "ak-stage-identification-form":
                found[pk] = ["identification_stages", "name", value["name"]]
            elif value.get("name") in ("authentik Admins", "authentik Read-only") and "num_pk" in value:
                found[pk] = ["groups", "name", value["name"]]
        if "brand_uuid" in value:
            found[value["brand_uuid"]] = ["brands", "domain", value["domain"]]
        for entry in value.values():
            identify(entry, found)
    elif isinstance(value, list):
        for entry in value:
            identify(entry, found)


def users(value, names):
    """Collects uid -> user name; the subject of a token in the default mode is the uid too."""
    if isinstance(value, dict):
        if "uid" in value and "username" in value:
            names[value["uid"]] = value["username"]
        if "sub" in value and "preferred_username" in value:
            names[value["sub"]] = value["preferred_username"]
        for entry in value.values():
            users(entry, names)
    elif isinstance(value, list):
        for entry in value:
            users(entry, names)


def main():
    source = Path(sys.argv[1])
    folders = [folder for folder in sorted(source.iterdir()) if folder.is_dir()]
    wanted = sys.argv[2:] or [folder.name for folder in folders]
    found, names, recordings = dict(GRANTS), {}, {}
    everywhere = {}
    for folder in folders:
        recordings[folder.name] = [json.loads(path.read_text()) for path in sorted(folder.glob("[0-9]*-*.json"))]
        for recording in recordings[folder.name]:
            body = recording.get("response", {}).get("body")
            identify(body, found)
            # A uid is made of the number of the account, which the next scenario on the same server gives to somebody else.
            users(body, names.setdefault(folder.name, {}))
            users(body, everywhere)
    target = Path(__file__).resolve().parent
    for scenario in wanted:
        usable = [recording for recording in recordings[scenario] if "response" in recording]
        reduced = [reduce(recording, {**everywhere, **names[scenario]}) for recording in usable]
        asked = set(UUID.findall(json.dumps([[entry["path"], entry.get("body")] for entry in reduced])))
        known = {pk: found[pk] for pk in sorted(asked) if pk in found}
        dump = lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        lines = ",\n".join(dump(entry) for entry in reduced)
        path = target / f"{scenario}.json"
        path.write_text(f'{{"known":{dump(known)},\n"recordings":[\n{lines}\n]}}\n')
        print(f"{path.name}: {len(reduced)} requests, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
