"""`GET /v1/workspaces/{workspace}/jobs/{id}` of read-jobs as a team that writes Python would have it, to compare start
times. It runs under AWS's own runtime client: `python -m awslambdaric read_job.handler`.

Compile it and its packages first (`python -m compileall`), as a deployment does: Lambda's file system is read-only, so
that what is not compiled in the package is compiled anew at every start.
"""

import json
import os
from datetime import datetime, timezone
from decimal import Decimal

import boto3
import httpx
from boto3.dynamodb.types import TypeDeserializer
from botocore.config import Config

TABLE = os.environ["TABLE_NAME"]
# A client starts faster than a resource.
DYNAMODB = boto3.client("dynamodb", config=Config(retries={"mode": "standard", "total_max_attempts": 2}))
DECODE = TypeDeserializer().deserialize
# Reading a job does not call the provider, and read-jobs has no client for it. A team's functions often share one
# module of clients, all made at import, and this stands for that; it is about a sixth of this function's start.
PROVIDER = httpx.Client(base_url=os.environ.get("OPENAI_BASE_URL", "https://api.openai.com/v1"), timeout=30)

LANES = {"i": "interactive", "b": "background", "n": "batch", "a": "approval"}
STATES = {
    "wait": ("queued", "waiting"),
    "retry": ("queued", "retry_scheduled"),
    "held": ("queued", "held"),
    "run": ("running", "in_progress"),
    "decide": ("needs_review", "awaiting_decision"),
    "action": ("needs_review", "awaiting_action"),
    "done": ("completed", None),
    "fail": ("failed", None),
    "cancel": ("canceled", None),
    "expire": ("expired", None),
}
TERMINAL = {"done", "fail", "cancel", "expire"}
SEES_ALL = {"reviewer", "operator", "auditor", "admin"}


def handler(event, context):
    path = event.get("pathParameters") or {}
    workspace, job_id = path.get("workspace"), path.get("id")
    caller = subject(event)
    if not (workspace and job_id and caller):
        return missing(event)
    member = row(f"WS#{workspace}", f"MEMBER#{caller}")
    if not member or not member.get("active"):
        return missing(event)
    job = row(f"WS#{workspace}#JOB#{job_id}", "JOB")
    if not job or not may_see(member, caller, job):
        return missing(event)
    return answer(200, "application/json", view(workspace, job_id, job), {"etag": f'"{job["vn"]}"'})


def subject(event):
    authorizer = event.get("requestContext", {}).get("authorizer") or {}
    return authorizer.get("jwt", {}).get("claims", {}).get("sub")


def row(pk, sk):
    key = {"PK": {"S": pk}, "SK": {"S": sk}}
    item = DYNAMODB.get_item(TableName=TABLE, Key=key, ConsistentRead=True).get("Item")
    return item and {name: DECODE(value) for name, value in item.items()}


def may_see(member, caller, job):
    roles = set(member["roles"])
    return bool(roles & SEES_ALL) or ("submitter" in roles and job["by"] == caller)


def view(workspace, job_id, job):
    status, phase = STATES[job["st"]]
    return {
        "id": job_id,
        "workspace": workspace,
        "type": job["ty"],
        "type_version": int(job["tv"]),
        "lane": LANES[job["ln"]],
        "status": status,
        "phase": phase,
        "reason": job.get("rs"),
        "attempt": int(job["an"]),
        "version": int(job["vn"]),
        "created_at": moment(job["created"]),
        "updated_at": moment(job["up"]),
        "deadline_at": None if job["st"] in TERMINAL else moment(job["dl"]),
        "created_by": job["by"],
        "input_summary": job["sm"],
        "tags": job.get("tg", {}),
        "provider": {
            "response_id": job.get("rp"),
            "status": job.get("ps"),
            "model": job.get("md"),
            "service_tier": job.get("tr"),
        },
        "result": {"digest": digest(job["rd"]), "partial": job.get("rx", False)} if "rd" in job else None,
        "cost": {"usd": usd(job["co"]), "state": "unknown" if job["cn"] else "known"},
        "archived_at": moment(job["ar"]) if "ar" in job else None,
    }


def moment(millis):
    at = datetime.fromtimestamp(int(millis) / 1000, timezone.utc)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def digest(binary):
    return f"sha256:{bytes(binary).hex()}"


def usd(pico):
    places = f"{Decimal(pico).scaleb(-12):.12f}"
    return places[:-6] + places[-6:].rstrip("0")


def missing(event):
    problem = {
        "type": "urn:lanekeeper:problem:not_found",
        "title": "Not found",
        "status": 404,
        "detail": "There is nothing here under this name, or nothing that you may see.",
        "code": "not_found",
        "request_id": event.get("requestContext", {}).get("requestId", ""),
    }
    return answer(404, "application/problem+json", problem, {})


def answer(status, content_type, body, headers):
    headers = {"content-type": content_type, "cache-control": "no-store"} | headers
    return {"statusCode": status, "headers": headers, "body": json.dumps(body), "isBase64Encoded": False}
