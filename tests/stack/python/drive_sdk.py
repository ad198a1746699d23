"""Drives the simulated provider with OpenAI's own SDK, and holds every answer against the SDK's types, strictly.

    python drive_sdk.py PROGRAM [ANSWERS]

PROGRAM is the simulator's binary. What it answered with is written to the file ANSWERS, one JSON a line.
"""

import io
import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pydantic
from openai import APIError, APIStatusError, BadRequestError, NotFoundError, OpenAI
from openai.types import Batch, FileDeleted, FileObject, Model
from openai.types.admin.organization import UsageCompletionsResponse, UsageCostsResponse
from openai.types.container_retrieve_response import ContainerRetrieveResponse
from openai.types.containers import FileListResponse, FileRetrieveResponse
from openai.types.responses import InputTokenCountResponse, Response, ResponseItemList

MODEL = "gpt-6.1-terra"
TERMINAL = {"completed", "failed", "cancelled", "incomplete"}
# The real one sends it, and the SDK has no field for it.
BEYOND_THE_TYPES = {"store"}
# What these plans answer with is not as the SDK has it: that is what they are for.
ODD = {
    "missing-fields", "fractional-usage", "unknown-status-forever", "unknown-item", "unknown-tier",
    "fails-by-quota", "billing-hard-limit", "context-overflow", "unsupported-parameter", "cyber-policy",
}
# A success that is no response: the call's reader has to look at what it got.
NO_RESPONSE = {"error-only-200"}
# An answer on its way is odd, and may be over before anybody looks.
SHORTLY_ODD = {"unknown-status"}
# One byte after the other, for minutes: the SDK limits a read, and not a whole call.
MINUTES_LONG = {"drip"}
# Calls that are never answered.
HANGING = {"hangs", "accepts-and-never-answers", "accepts-and-vanishes", "looks-hang-for-a-while"}
# These never end, or take longer than anybody waits here.
ENDLESS = {"queued-forever", "in-progress-forever", "unknown-status-forever", "slow"}
# Nobody sees how these end.
NEVER_SEEN = {"missing-forever", "other-id", "missing-status"}
# Requests whose fields come back in the response.
ECHOED = [
    {"instructions": "Be brief.", "max_output_tokens": 200, "max_tool_calls": 3, "temperature": 0.2, "top_p": 1},
    {"instructions": [{"role": "developer", "content": "Be brief."}], "truncation": "auto", "store": True},
    {"reasoning": {"effort": "low", "summary": "auto"}, "include": ["reasoning.encrypted_content"]},
    {"text": {"verbosity": "low"}, "service_tier": "priority", "user": "u", "safety_identifier": "s"},
    {"text": {"format": {"type": "json_schema", "name": "x", "schema": {"type": "object"}, "strict": True}}},
    {"text": {"format": {"type": "json_object"}}, "parallel_tool_calls": False, "top_logprobs": 3},
    {"tools": [{"type": "web_search"}, {"type": "file_search", "vector_store_ids": ["vs_1"]}], "tool_choice": "required"},
    {"tools": [{"type": "code_interpreter", "container": {"type": "auto"}}, {"type": "image_generation"}]},
    {"tools": [{"type": "function", "name": "pay", "parameters": {}, "strict": False}],
     "tool_choice": {"type": "function", "name": "pay"}},
    {"tools": [{"type": "mcp", "server_label": "shop", "server_url": "https://example.com", "require_approval": "never"}]},
    {"conversation": "conv_1", "prompt_cache_key": "k", "prompt_cache_options": {"ttl": "12h"}},
    {"background_options": {"completion_window": "8h", "continuation_id": "c"}, "metadata": {"a": "b"}},
    {"model": "gpt-4.1", "service_tier": "auto"},
    {"model": "gpt-5.4-2026-03-05", "reasoning": {"effort": "none"}, "service_tier": "flex"},
    {"model": "gpt-6-astra", "service_tier": "ultrafast"},
    {"background": False},
]

failures = []
answers = {}
deliveries = []


def check(holds, what):
    if not holds:
        failures.append(what)


class Receiver(BaseHTTPRequestHandler):
    """Takes webhooks and keeps them."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        deliveries.append((dict(self.headers), body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


def beyond(value, path=""):
    """Where a value has fields that its type does not know."""
    if isinstance(value, pydantic.BaseModel):
        for name in value.model_extra or {}:
            yield f"{path}.{name}"
        for name in type(value).model_fields:
            yield from beyond(getattr(value, name), f"{path}.{name}")
    elif isinstance(value, list):
        for at, element in enumerate(value):
            yield from beyond(element, f"{path}[{at}]")


def misfit(kind, content):
    """How an answer differs from its type; None when it does not."""
    try:
        value = kind.model_validate(json.loads(content), strict=True)
    except (pydantic.ValidationError, UnicodeError) as error:
        return str(error)
    more = [name for name in beyond(value) if name.lstrip(".") not in BEYOND_THE_TYPES]
    return f"it has fields that the type does not know: {more}" if more else None


def strictly(kind, raw, what):
    difference = misfit(kind, raw.content)
    check(difference is None, f"{what}: {difference}")
    keep(kind, raw.content)
    return json.loads(raw.content)


def keep(kind, content):
    if len(content) < 100_000:
        answers.setdefault((kind.__name__, content.decode("utf-8-sig")))


def play(client, plan):
    """One response by this plan, from create to its end: how each answer that holds one differs from its type."""
    misfits, id = [], None
    client = client.with_options(timeout=1.5 if plan in HANGING else 30)
    try:
        raw = client.responses.with_raw_response.create(
            model=MODEL, input="Hello.", background=True, metadata={"plan": plan, "job_id": plan})
        misfits.append(misfit(Response, raw.content))
        id = json.loads(raw.content).get("id")
        keep_if_it_fits(plan, raw.content)
    except (APIError, ValueError):
        pass
    deadline = time.monotonic() + (3 if plan in ENDLESS | NEVER_SEEN else 30)
    while id and time.monotonic() < deadline:
        time.sleep(0.25)
        try:
            raw = client.responses.with_raw_response.retrieve(id)
        except APIError:
            continue
        misfits.append(misfit(Response, raw.content))
        keep_if_it_fits(plan, raw.content)
        if json.loads(raw.content).get("status") in TERMINAL:
            break
    differences = [difference for difference in misfits if difference]
    if plan in ODD | NO_RESPONSE:
        check(differences, f"plan {plan}: it fits the types, and is said not to")
    elif plan not in SHORTLY_ODD:
        check(not differences, f"plan {plan}: {differences[:1]}")
    check(not id or plan in ENDLESS | NEVER_SEEN or time.monotonic() < deadline, f"plan {plan}: it never ended")
    return len(misfits)


def keep_if_it_fits(plan, content):
    if plan not in ODD | NO_RESPONSE | SHORTLY_ODD:
        keep(Response, content)


def refused(kind, call, what):
    try:
        call()
        failures.append(f"{what}: it is not refused")
    except kind as error:
        fields = set((error.body or {}).keys())
        check(fields == {"message", "type", "param", "code"}, f"{what}: the error has {fields}")


def ask_everything(client):
    raw = client.responses.with_raw_response
    for fields in ECHOED:
        made = strictly(Response, raw.create(**{"model": MODEL, "input": "Hello.", "background": True} | fields), fields)
        strictly(Response, raw.retrieve(made["id"]), fields)
    made = strictly(Response, raw.create(model=MODEL, input=[
        {"role": "user", "content": "One."},
        {"role": "assistant", "content": "Two."},
        {"role": "user", "content": [{"type": "input_text", "text": "Three."}]},
    ], background=True), "a list as input")
    items = client.responses.input_items
    strictly(ResponseItemList, items.with_raw_response.list(made["id"], order="asc"), "input items")
    check(len(list(items.list(made["id"], limit=1))) == 3, "the SDK does not walk through the pages of input items")
    count = client.responses.input_tokens.with_raw_response.count(model=MODEL, input="Hello.")
    strictly(InputTokenCountResponse, count, "input tokens")
    models = json.loads(client.models.with_raw_response.list().content)["data"]
    for model in models:
        difference = misfit(Model, json.dumps(model))
        check(difference is None, f"model {model}: {difference}")
    strictly(Model, client.models.with_raw_response.retrieve(MODEL), "one model")

    follow_up = raw.create(model=MODEL, input="And?", background=True, previous_response_id=made["id"])
    next_id = strictly(Response, follow_up, "a follow-up")["id"]
    strictly(Response, raw.cancel(next_id), "cancel")
    strictly(Response, raw.cancel(next_id), "cancel twice")
    client.responses.delete(next_id)
    refused(NotFoundError, lambda: client.responses.retrieve(next_id), "a deleted response")
    refused(BadRequestError, lambda: list(client.responses.retrieve(made["id"], stream=True)), "a stream")
    refused(BadRequestError, lambda: client.responses.create(model=MODEL, input="x", stream=True), "a stream from the start")
    refused(NotFoundError, lambda: client.responses.create(model="gpt-7", input="x"), "an unknown model")
    refused(NotFoundError, lambda: client.models.retrieve("gpt-7"), "an unknown model by its name")
    refused(APIStatusError, lambda: client.containers.list(), "a list of containers")


def ask_for_files(client):
    raw = client.files.with_raw_response
    made = strictly(FileObject, raw.create(file=("a.pdf", b"%PDF-1.7 a"), purpose="user_data",
                                           expires_after={"anchor": "created_at", "seconds": 3600}), "a file")
    strictly(FileObject, raw.retrieve(made["id"]), "a file again")
    check(made["id"] in [file.id for file in client.files.list(limit=1)], "the file is not in the list")
    part = {"type": "input_file", "file_id": made["id"]}
    by_id = [{"role": "user", "content": [{"type": "input_text", "text": "Read this."}, part]}]
    strictly(Response, client.responses.with_raw_response.create(model=MODEL, input=by_id), "a file by its id")
    strictly(FileDeleted, raw.delete(made["id"]), "a deleted file")
    refused(NotFoundError, lambda: client.files.retrieve(made["id"]), "a deleted file")
    refused(BadRequestError, lambda: client.files.create(file=("a.txt", b"{}"), purpose="batch"), "a batch file's name")
    refused(BadRequestError, lambda: client.responses.create(model=MODEL, input=by_id), "a file that is gone")


def ask_for_containers(client):
    response = client.responses.create(model=MODEL, input="x", metadata={"plan": "research"})
    notes = [note for item in response.output if item.type == "message" for part in item.content for note in part.annotations]
    kinds = {note.type for note in notes}
    check(kinds == {"url_citation", "file_citation", "container_file_citation", "file_path"}, f"annotations: {kinds}")
    note = next(note for note in notes if note.type == "container_file_citation")
    strictly(ContainerRetrieveResponse, client.containers.with_raw_response.retrieve(note.container_id), "a container")
    files = client.containers.files
    where = {"container_id": note.container_id}
    strictly(FileRetrieveResponse, files.with_raw_response.retrieve(note.file_id, **where), "a container's file")
    listed = list(files.list(note.container_id, limit=1))
    check({type(file) for file in listed} == {FileListResponse} and len(listed) == 2, f"files of a container: {listed}")
    check(files.content.retrieve(note.file_id, **where).read().startswith(b"year,gw"), "a file's content")
    refused(NotFoundError, lambda: files.retrieve("cfile_1", **where), "an unknown file")


def batch_by(client, plan):
    """One batch of two lines by this plan, to its end."""
    lines = [{"custom_id": name, "method": "POST", "url": "/v1/responses", "body": {"model": MODEL, "input": name}}
             for name in ("a", "b")]
    text = "".join(json.dumps(line) + "\n" for line in lines).encode()
    file = client.files.create(file=("lines.jsonl", io.BytesIO(text)), purpose="batch")
    raw = client.batches.with_raw_response
    made = strictly(Batch, raw.create(input_file_id=file.id, endpoint="/v1/responses", completion_window="24h",
                                      metadata={"plan": plan}), f"batch {plan}")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        batch = strictly(Batch, raw.retrieve(made["id"]), f"batch {plan}")
        if batch["status"] in TERMINAL | {"expired"}:
            return batch
        time.sleep(0.25)
    check(False, f"batch {plan}: it never ended")


def ask_for_batches(client):
    batch = batch_by(client, "default")
    check(batch["request_counts"] == {"total": 2, "completed": 2, "failed": 0}, f"counts: {batch}")
    lines = [json.loads(line) for line in client.files.content(batch["output_file_id"]).text.splitlines()]
    check({line["custom_id"] for line in lines} == {"a", "b"}, f"lines: {lines}")
    for line in lines:
        difference = misfit(Response, json.dumps(line["response"]["body"]))
        check(difference is None, f"the response of a line: {difference}")
    for plan, status in {"batch-all-lines-fail": "completed", "batch-empty-file-ids": "completed",
                         "batch-token-limit": "failed", "batch-cancelled": "cancelled"}.items():
        batch = batch_by(client, plan)
        check(batch["status"] == status, f"batch {plan}: {batch}")
    check(len(list(client.batches.list(limit=2))) == 5, "the SDK does not walk through the pages of batches")
    file = client.files.create(file=("lines.jsonl", b"{}"), purpose="batch")
    made = client.batches.create(input_file_id=file.id, endpoint="/v1/responses", completion_window="24h",
                                 metadata={"plan": "batch-never-starts"})
    strictly(Batch, client.batches.with_raw_response.cancel(made.id), "a cancelled batch")
    refused(NotFoundError, lambda: client.batches.retrieve("batch_1"), "an unknown batch")


def ask_for_books(client):
    usage = client.admin.organization.usage.with_raw_response
    since = int(time.time()) - 3600
    strictly(UsageCompletionsResponse, usage.completions(start_time=since, group_by=["model", "batch"]), "usage")
    strictly(UsageCostsResponse, usage.costs(start_time=since, group_by=["line_item"]), "costs")


def main(program, answers_file=None):
    plans = [line.split()[0] for line in subprocess.check_output([program, "plans"], text=True).splitlines()]
    unknown = ODD - set(plans)
    check(not unknown, f"there are no such plans: {unknown}")
    receiver = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    webhook_url = f"http://127.0.0.1:{receiver.server_port}/"
    arguments = [program, "--webhook-url", webhook_url, "--queued-ms", "100", "--run-ms", "500"]
    simulator = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    try:
        base_url = simulator.stdout.readline().strip()
        said = dict(line.split(maxsplit=1) for line in (simulator.stdout.readline() for _ in range(4)))
        admin_key = simulator.stdout.readline().split()[-1]
        said = {name: value.strip() for name, value in said.items()}
        keys = {"api_key": said["key"], "webhook_secret": said["secret"], "admin_api_key": admin_key}
        client = OpenAI(base_url=base_url, max_retries=0, timeout=30, **keys)
        ask_everything(client)
        ask_for_files(client)
        ask_for_containers(client)
        ask_for_batches(client)
        ask_for_books(client)
        with ThreadPoolExecutor(16) as pool:
            seen = sum(pool.map(lambda plan: play(client, plan), set(plans) - MINUTES_LONG))
        time.sleep(0.5)
        for headers, body in list(deliveries):
            event = client.webhooks.unwrap(body, headers)
            check(event.type.split(".")[0] in {"response", "batch"}, f"webhook {event.type}")
        check(len(deliveries) > len(plans) / 2, f"only {len(deliveries)} webhooks came")
    finally:
        simulator.terminate()
    for failure in failures:
        print(f"- {failure}")
    if answers_file:
        lines = "".join(json.dumps([kind, json.loads(text)], ensure_ascii=False) + "\n" for kind, text in answers)
        with open(answers_file, "w", encoding="utf-8") as file:
            # Half a character, which JSON can hold, is none in a file.
            file.write(lines.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    print(f"{len(plans)} plans, {seen} answers by plan, {len(deliveries)} webhooks, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
