"""Prints what parliament, cloudsplaining and AWS's authorization reference find in the policy on stdin, a line each."""

import json
import re
import sys

import parliament
from cloudsplaining.scan.policy_document import PolicyDocument
from policy_sentry.querying.actions import get_action_data
from policy_sentry.util.arns import ARN

policy = json.load(sys.stdin)
GLOBAL_KEYS = {"aws:RequestedRegion"}


def shape(key):
    return re.sub(r"/.*", "/", key)


def reference(action, statement):
    service, name = action.split(":")
    rows = get_action_data(service, name)
    if not rows:
        return [f"reference: {action} is no action"]
    rows = rows[service]
    found = []
    known = {shape(key) for row in rows for key in row["condition_keys"]} | GLOBAL_KEYS
    for keys in statement.get("Condition", {}).values():
        found += [f"reference: {action} knows no {key}" for key in keys if shape(key) not in known]
    formats = [row["resource_arn_format"] for row in rows]
    resources = statement["Resource"]
    resources = [resources] if isinstance(resources, str) else resources
    fits = [one for one in resources if any(same(one, form) for form in formats)]
    return found + ([] if fits else [f"reference: {action} acts on none of {resources}"])


def same(resource, form):
    if "*" in (resource, form):
        return resource == form
    return ARN(resource).same_resource_type(form)


for statement in policy["Statement"]:
    for action in statement["Action"]:
        for one in reference(action, statement):
            print(one)
found = parliament.analyze_policy_string(json.dumps(policy), include_community_auditors=True)
for one in found.findings:
    kind = one.location.get("type", "") if isinstance(one.location, dict) else ""
    print(f"parliament: {one.issue} {kind}{one.detail}".strip())
scanned = PolicyDocument(policy)
for name in ["allows_privilege_escalation", "permissions_management_without_constraints", "credentials_exposure",
             "allows_data_exfiltration_actions", "infrastructure_modification", "service_wildcard"]:
    for one in getattr(scanned, name, None) or []:
        print(f"cloudsplaining: {name} {one}")
