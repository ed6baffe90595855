#!/usr/bin/env python3
"""Makes src/demo/schema.json: what the stand-in knows of authentik's OpenAPI schemas.

    tools/distill_schema.py <folder with 2024.12.yml 2025.12.yml 2026.5-rc1.yml 2026.8-rc6.yml>

Only the components that the stand-in uses are kept, each field with its type, rules and the versions that have it
(`in`, absent when all of them do). The server that answers with `grant_types` and calls itself 2026.5.0-rc1 has no
published schema; its column `2026.5` is 2026.5-rc1 plus the fields that later schemas have and that server showed.
"""

import json
import sys
from pathlib import Path

import yaml

COLUMNS = {
    "2024.12": "2024.12.yml",
    "2025.12": "2025.12.yml",
    "2026.5-rc1": "2026.5-rc1.yml",
    "2026.5": "2026.5-rc1.yml",
    "2026.8": "2026.8-rc6.yml",
}
# Fields of 2026.5 that its release candidate lacks: (component, field), taken from 2026.8.
ADDED_IN_2026_5 = [
    ("OAuth2ProviderRequest", "grant_types"),
    ("OAuth2Provider", "grant_types"),
    ("ApplicationRequest", "meta_hide"),
    ("Application", "meta_hide"),
]
# Named in the 2026.8 schema only; the server of the 2026.5 column refuses it.
NOT_IN_2026_5 = {"urn:ietf:params:oauth:grant-type:token-exchange"}

COMPONENTS = [
    "ApplicationRequest", "Application", "Provider",
    "OAuth2ProviderRequest", "OAuth2Provider", "RedirectURIRequest", "RedirectURI", "ProxyProvider",
    "TransactionApplicationRequest", "TransactionPolicyBindingRequest",
    "PolicyBindingRequest", "PolicyBinding", "PartialGroup", "PartialUser", "RelatedGroup",
    "ScopeMappingRequest", "ScopeMapping", "Flow", "FlowSet",
    "CertificateGenerationRequest", "CertificateKeyPair",
    "GroupRequest", "Group", "GroupMember", "UserRequest", "User", "UserGroup",
    "UserSelf", "UserSelfGroups", "UserSelfRoles", "Role", "UserServiceAccountRequest",
    "PlexSourceRequest", "PlexSource", "Source",
    "OAuthSourceRequest", "OAuthSource", "SourceType", "SAMLSourceRequest", "SAMLSource",
    "SCIMSourceRequest", "SCIMSource", "TelegramSourceRequest", "TelegramSource",
    "OAuthSourcePropertyMappingRequest", "OAuthSourcePropertyMapping",
    "ExpressionPolicyRequest", "ExpressionPolicy", "FlowRequest", "FlowStageBindingRequest", "FlowStageBinding", "Stage",
    "CertificateKeyPairRequest",
    "IdentificationStageRequest", "IdentificationStage",
    "TokenRequest", "Token", "BrandRequest", "Brand", "CurrentBrand", "CurrentBrandFlags", "Config", "Event",
]
RULES = ["type", "format", "minLength", "maxLength", "minimum", "maximum", "pattern", "nullable", "writeOnly", "default"]


def distill(schemas, node):
    """One field or item as a small record; a reference to an enumeration becomes its values."""
    rules = {key: node[key] for key in RULES if key in node}
    reference = node.get("$ref")
    for choice in node.get("allOf", []) + node.get("oneOf", []):
        reference = choice.get("$ref", reference)
    if "enum" in node:
        rules["enum"] = [value for value in node["enum"] if value is not None]
    if reference:
        name = reference.rsplit("/", 1)[1]
        target = schemas[name]
        if "enum" in target:
            rules.setdefault("enum", []).extend(value for value in target["enum"] if value not in ("", None))
            rules["type"] = "string"
        else:
            rules["type"] = "object"
            if name in COMPONENTS:
                rules["ref"] = name
    if node.get("type") == "array":
        rules["items"] = distill(schemas, node["items"])
    rules.pop("default", None) if isinstance(rules.get("default"), (dict, list)) else None
    return rules


def fields_of(schemas, component):
    """Name to rules, in the schema's order; empty where the version has no such component."""
    schema = schemas.get(component, {})
    required = set(schema.get("required", []))
    fields = {}
    for name, node in schema.get("properties", {}).items():
        rules = distill(schemas, node)
        if component.endswith("Request") and name in required:
            rules["required"] = True
        fields[name] = rules
    return fields


def main():
    folder = Path(sys.argv[1])
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    files = {name: yaml.load((folder / name).read_text(), loader)["components"]["schemas"] for name in set(COLUMNS.values())}
    columns = {}
    for column, file in COLUMNS.items():
        columns[column] = {component: fields_of(files[file], component) for component in COMPONENTS}
    for component, field in ADDED_IN_2026_5:
        rules = json.loads(json.dumps(columns["2026.8"][component][field]))
        if "items" in rules and "enum" in rules["items"]:
            rules["items"]["enum"] = [value for value in rules["items"]["enum"] if value not in NOT_IN_2026_5]
        columns["2026.5"][component][field] = rules

    table = {}
    for component in COMPONENTS:
        names = []
        for column in COLUMNS:
            names += [name for name in columns[column][component] if name not in names]
        fields = {}
        for name in names:
            variants = []
            for column in COLUMNS:
                rules = columns[column][component].get(name)
                if rules is None:
                    continue
                for variant in variants:
                    if variant[0] == rules:
                        variant[1].append(column)
                        break
                else:
                    variants.append((rules, [column]))
            fields[name] = [
                rules if len(seen) == len(COLUMNS) else {**rules, "in": seen} for rules, seen in variants
            ]
        table[component] = fields
    lines = ["{"]
    for number, (component, fields) in enumerate(table.items()):
        lines.append(f"  {json.dumps(component)}: {{")
        rows = [f"    {json.dumps(name)}: {json.dumps(rules)}" for name, rules in fields.items()]
        lines.append(",\n".join(rows))
        lines.append("  }" + ("," if number + 1 < len(table) else ""))
    lines.append("}\n")
    output = Path(__file__).resolve().parent.parent / "src" / "demo" / "schema.json"
    output.write_text("\n".join(lines))
    print(f"{output.name}: {len(table)} components, {output.stat().st_size} bytes")


if __name__ == "__main__":
    main()
