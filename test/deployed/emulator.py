"""ministack with what a test of a months-long workflow needs, and its known deviations from AWS put right.

Runs ministack unchanged in this process and adds, on the same port under /_harness/:
a clock that can be moved forward, a way to ask whether anything is still running, the mail as it was sent, the log lines,
the schedules, the clients of the JSON API, people who can sign in, what functions asked of the table, and faults. Every deviation below is worked around by wrapping or, for the
waiting for task tokens, replacing one function of it (ministack swallows the failure of a function there, so no retry applies).
deviations.py shows each of them on the unwrapped emulator, so that a new version of ministack that behaves like AWS makes that check
fail and the workaround goes.

The process ends when its standard input closes, so it cannot outlive whoever started it.
"""

import asyncio
import contextvars
import datetime
import functools
import json
import os
import secrets
import signal
import string
import sys
import threading
import time
import types

import time_machine

# Time is patched in this process only. The functions run in Node processes of their own with the machine's clock:
# they must take the time from their events, which is the point. Monotonic clocks and waits are left alone.
CLOCK = time_machine.travel(datetime.datetime.now(datetime.timezone.utc), tick=True).start()

from ministack import app as ministack  # noqa: E402
from ministack.core import iam_actions, iam_evaluator, lambda_runtime, sigv4  # noqa: E402
from ministack.services import cloudwatch_logs, cognito, eventbridge, lambda_svc, scheduler, ses  # noqa: E402
from ministack.services import stepfunctions as states  # noqa: E402
from ministack.services.cloudformation import provisioners  # noqa: E402


# --- What is running -------------------------------------------------------------------------------------------------


class Activity:
    """Counts work under way. `started` only grows, so that two looks can tell whether anything began between them."""

    def __init__(self):
        self.lock = threading.Lock()
        self.running = 0
        self.started = 0

    def enter(self):
        with self.lock:
            self.running += 1
            self.started += 1

    def leave(self):
        with self.lock:
            self.running -= 1


executions = Activity()  # threads that walk a state machine, also those that wait for a token
asynchronous = Activity()  # asynchronous invocations, from being accepted to their last retry
invocations = Activity()


def waiting_tokens():
    """How many executions wait for a token that nobody has answered and whose time is not up."""
    now = time.time()
    return sum(1 for task in list(tasks.values()) if task.idle(now))


def snapshot():
    return {
        "executions": executions.running - waiting_tokens(),
        "asynchronous": asynchronous.running,
        "invocations": invocations.running,
        "started": executions.started + asynchronous.started + invocations.started,
    }


async def settle(timeout):
    """Wait until nothing runs; None when so, otherwise what still ran when the time was up."""
    deadline = time.monotonic() + timeout
    before = None
    while True:
        now = snapshot()
        quiet = not (now["executions"] or now["asynchronous"] or now["invocations"])
        # Work passes from one counter to another; two equal looks in a row cannot have missed any.
        if quiet and now == before:
            return None
        before = now
        if time.monotonic() > deadline:
            return now
        await asyncio.sleep(0.002)


_execute_dispatch = lambda_svc._execute_function_dispatch


def counted_dispatch(*args, **kwargs):
    invocations.enter()
    try:
        return _execute_dispatch(*args, **kwargs)
    finally:
        invocations.leave()


lambda_svc._execute_function_dispatch = counted_dispatch


class AsynchronousInvocation(threading.Thread):
    def start(self):
        asynchronous.enter()
        super().start()

    def run(self):
        try:
            super().run()
        finally:
            asynchronous.leave()


_accepting = threading.local()
_invoke_async = lambda_svc.invoke_async_with_retry


def counted_invoke_async(*args, **kwargs):
    _accepting.now = True
    try:
        return _invoke_async(*args, **kwargs)
    finally:
        _accepting.now = False


lambda_svc.invoke_async_with_retry = counted_invoke_async
lambda_svc.threading = types.SimpleNamespace(
    **{
        **vars(threading),
        "Thread": lambda *args, **kwargs: (AsynchronousInvocation if getattr(_accepting, "now", False) else threading.Thread)(
            *args, **kwargs
        ),
    }
)


# --- Step Functions --------------------------------------------------------------------------------------------------


class Stopped(BaseException):
    """Unwinds the thread of an execution that was stopped. Not an Exception, so that no Retry or Catch sees it."""


class Task:
    """A task that waits for its token."""

    def __init__(self, execution, deadline):
        self.execution = execution
        self.deadline = deadline
        self.answered = threading.Event()
        self.delivered = False

    def idle(self, now):
        return self.delivered and not self.answered.is_set() and now < self.deadline


tasks = {}
closed_tokens = {}  # token -> the execution it was of
_execution_arn = contextvars.ContextVar("execution", default=None)
_run_execution = states._run_execution
_start_execution = states._start_execution
_stop_execution = states._stop_execution
_fail_execution = states._fail_execution
_send_task = {"success": states._send_task_success, "failure": states._send_task_failure}


def running(arn):
    return (states._executions.get(arn) or {}).get("status") == "RUNNING"


def run_execution(arn):
    _execution_arn.set(arn)
    try:
        if running(arn):
            _run_execution(arn)
    except Stopped:
        pass
    finally:
        executions.leave()


def start_execution(data):
    """AWS answers a repeated start of the same name and input with the running execution; ministack refuses it."""
    arn = states._resolve_state_machine_arn(data.get("stateMachineArn", ""))
    machine = states._state_machines.get(arn) if arn else None
    if machine and data.get("name"):
        execution = states._executions.get(arn.replace(":stateMachine:", ":execution:") + ":" + data["name"])
        if execution and execution["status"] == "RUNNING" and execution["input"] == data.get("input", "{}"):
            return states.json_response({"executionArn": execution["executionArn"], "startDate": execution["startDate"]})
    executions.enter()
    response = _start_execution(data)
    if response[0] != 200:
        executions.leave()
    return response


def stop_execution(data):
    """ministack marks the execution and leaves its thread waiting, its token answerable and its retries going."""
    arn = data.get("executionArn")
    response = _stop_execution(data)
    if response[0] == 200:
        for token, task in list(tasks.items()):
            if task.execution == arn:
                close_token(token)
                task.answered.set()
    return response


def fail_execution(execution, error, cause):
    """ministack lets an error that arrives after the stop turn an aborted execution into a failed one."""
    if execution["status"] == "RUNNING":
        _fail_execution(execution, error, cause)


def close_token(token):
    states._task_tokens.pop(token, None)
    task = tasks.pop(token, None)
    if task:
        closed_tokens[token] = task.execution


def answer_token(how):
    def send(data):
        """A token counts once: AWS says TaskTimedOut for one whose task is over, ministack takes a second answer
        until the thread wakes, and afterwards says TaskDoesNotExist."""
        token = data.get("taskToken")
        task = tasks.get(token)
        if token in closed_tokens or (task and task.answered.is_set()):
            return states.error_response_json("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'", 400)
        response = _send_task[how](data)
        if response[0] == 200 and task:
            task.answered.set()
        return response

    return send


def invoke_with_callback(resource, input_data, token, state):
    """Invoke the function, then wait for its token.

    Differs from ministack's own in three ways, each as AWS does it: a failing function fails the task (ministack swallows the
    error and waits for the token until TimeoutSeconds, so Retry never applies), the timeout follows the moved clock, and
    a stopped execution stops waiting.
    """
    arn = _execution_arn.get()
    task = Task(arn, time.time() + state.get("TimeoutSeconds", 365 * 86400))
    answer = {"event": task.answered, "result": None, "error": None, "heartbeat": None}
    tasks[token] = task
    states._task_tokens[token] = answer
    try:
        if not running(arn):
            raise Stopped
        function = states._resolve_lambda_function_ref(input_data.get("FunctionName", ""), optimized=True)
        try:
            states._call_lambda(function, input_data.get("Payload", input_data))
        except states._ExecutionError:
            if not task.answered.is_set():
                raise
        task.delivered = True
        while not task.answered.wait(0.1):
            if time.time() >= task.deadline:
                raise states._ExecutionError("States.Timeout", "")
        if not running(arn):
            raise Stopped
    finally:
        close_token(token)
    if answer["error"]:
        raise states._ExecutionError(answer["error"].get("Error", ""), answer["error"].get("Cause", ""))
    return json.loads(answer["result"] or "{}")


_apply_parameters = states._apply_parameters


def apply_parameters(state, value, context):
    """Each attempt of a task has a token of its own; ministack keeps the first attempt's for all of them."""
    if (context or {}).get("Task", {}).get("Token") in closed_tokens:
        context["Task"]["Token"] = states.new_uuid()
    return _apply_parameters(state, value, context)


_invoke_resource = states._invoke_resource


def invoke_resource(resource, input_data):
    arn = _execution_arn.get()
    if arn and not running(arn):
        raise Stopped
    return _invoke_resource(resource, input_data)


states._run_execution = run_execution
states._start_execution = start_execution
states._stop_execution = stop_execution
states._fail_execution = fail_execution
states._send_task_success = answer_token("success")
states._send_task_failure = answer_token("failure")
states._invoke_with_callback = invoke_with_callback
states._apply_parameters = apply_parameters
states._invoke_resource = invoke_resource


# --- Schedules -------------------------------------------------------------------------------------------------------

# Moving the clock by a week would make every schedule due at once, at a moment of the emulator's own choosing, and
# ministack hands the text <aws.scheduler.scheduled-time> to the target unreplaced. So only the harness fires schedules.
scheduler.start_scheduler = lambda: None
eventbridge.start_scheduler = lambda: None


def schedules():
    return [
        {
            "name": schedule["Name"],
            "state": schedule.get("State"),
            "expression": schedule.get("ScheduleExpression"),
            "target": schedule.get("Target", {}).get("Arn"),
            "input": schedule.get("Target", {}).get("Input"),
            "flexible": schedule.get("FlexibleTimeWindow", {}).get("Mode") == "FLEXIBLE",
        }
        for schedule in list(scheduler._schedules._data.values())
    ]


# --- Email -----------------------------------------------------------------------------------------------------------

mail = []
_send_raw_email = ses._send_raw_email


def send_raw_email(params):
    """ministack keeps neither the envelope's recipients nor the message itself, and takes any configuration set."""
    configuration_set = ses._p(params, "ConfigurationSetName")
    if configuration_set and configuration_set not in ses._configuration_sets:
        return ses._config_set_missing(configuration_set)
    response = _send_raw_email(params)
    if response[0] == 200:
        record = ses._sent_emails_list()[-1]
        mail.append(
            {
                "id": record["MessageId"],
                "at": iso(record["Timestamp"]),
                "to": ses._collect_list(params, "Destinations.member"),
                "raw": ses._p(params, "RawMessage.Data"),
            }
        )
    return response


ses._send_raw_email = send_raw_email


# --- Secrets ---------------------------------------------------------------------------------------------------------

_secret = dict(provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"])


def by_arn(result):
    """Ref of a secret is its ARN; ministack gives its name, for which no policy that names the secret can allow anything."""
    _, attributes = result
    return attributes["Id"], attributes


def name_in(arn):
    return arn.rpartition(":")[2].rpartition("-")[0]


_secret_string = provisioners._sm_secret_string


def secret_string(props):
    """Without punctuation where the template says so; ministack puts it in all the same."""
    generate = props.get("GenerateSecretString") or {}
    if str(generate.get("ExcludePunctuation")).lower() != "true":
        return _secret_string(props)
    excluded = generate.get("ExcludeCharacters", "") + string.punctuation
    return _secret_string({**props, "GenerateSecretString": {**generate, "ExcludeCharacters": excluded}})


provisioners._sm_secret_string = secret_string
provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"].update(
    create=lambda *args: by_arn(_secret["create"](*args)),
    update=lambda arn, *args, **kwargs: by_arn(_secret["update"](name_in(arn), *args, **kwargs)),
    delete=lambda arn, props: _secret["delete"](name_in(arn), props),
)


# --- Identity --------------------------------------------------------------------------------------------------------

_user_pool_attributes = provisioners._cognito_user_pool_attributes
_signed_jwt = cognito._signed_jwt
_openid_configuration = cognito.well_known_openid_configuration


def issuer_of(pool):
    """Where a pool's discovery document and keys are. On AWS that is what its tokens name as their issuer; ministack answers here
    and names AWS's own host, which nothing here may ask."""
    return f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}/{pool}"


def signed_jwt(claims, pool_id="", use=""):
    return _signed_jwt({**claims, "iss": issuer_of(pool_id)} if pool_id else claims, pool_id, use)


def openid_configuration(pool_id, *args, **kwargs):
    status, headers, text = _openid_configuration(pool_id, *args, **kwargs)
    return status, headers, json.dumps({**json.loads(text), "issuer": issuer_of(pool_id)}).encode()


provisioners._cognito_user_pool_attributes = lambda pool: {**_user_pool_attributes(pool), "ProviderURL": issuer_of(pool)}
cognito._signed_jwt = signed_jwt
cognito.well_known_openid_configuration = openid_configuration


def clients():
    """Every client that has a secret. ministack gives out tokens at the gateway, AWS at the pool's domain."""
    return [
        {
            "name": client["ClientName"],
            "id": client["ClientId"],
            "secret": client["ClientSecret"],
            "tokenUrl": f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}/oauth2/token",
        }
        for pool in list(cognito._user_pools._data.values())
        for client in list(pool["_clients"].values())
        if client.get("ClientSecret")
    ]


# Without a style AWS shows nobody the pages of a pool; ministack does not know the type, and shows its own.
provisioners._RESOURCE_HANDLERS["AWS::Cognito::ManagedLoginBranding"] = {
    "create": lambda logical_id, _props, _stack: (logical_id, {}),
    "delete": lambda _physical_id, _props: None,
}

# ministack knows budgets, but not as resources of a stack; what the emulator would cost is nothing.
provisioners._RESOURCE_HANDLERS["AWS::Budgets::Budget"] = {
    "create": lambda logical_id, _props, _stack: (logical_id, {}),
    "delete": lambda _physical_id, _props: None,
}

# ministack knows alarms and dashboards, but not alarms over alarms.
provisioners._RESOURCE_HANDLERS["AWS::CloudWatch::CompositeAlarm"] = {
    "create": lambda logical_id, props, _stack: (props.get("AlarmName", logical_id), {"Arn": logical_id}),
    "delete": lambda _physical_id, _props: None,
}

_alarm = dict(provisioners._RESOURCE_HANDLERS["AWS::CloudWatch::Alarm"])


def alarm(logical_id, props, stack):
    """ministack reckons no alarm whose figure is made of others: there is one of that name, which never rings."""
    if "Metrics" not in props:
        return _alarm["create"](logical_id, props, stack)
    name = props.get("AlarmName", f"{stack}-{logical_id}")
    return name, {"Arn": name}


provisioners._RESOURCE_HANDLERS["AWS::CloudWatch::Alarm"]["create"] = alarm


def pool_of_people():
    return next(iter(cognito._user_pools._data.values()))


def groups():
    return list(pool_of_people()["_groups"])


def people(wanted):
    """Gives each an account, in their groups, with a password. AWS would ask for a second factor too."""
    made = []
    for person in wanted:
        user = {"UserPoolId": pool_of_people()["Id"], "Username": person["email"]}
        attributes = {"email": person["email"], "email_verified": "true", "name": person["name"]}
        listed = [{"Name": name, "Value": value} for name, value in attributes.items()]
        password = secrets.token_urlsafe(24)
        answers = [
            cognito._admin_create_user(
                {**user, "UserAttributes": listed, "MessageAction": "SUPPRESS", "TemporaryPassword": password}
            ),
            cognito._admin_set_user_password({**user, "Password": password, "Permanent": True}),
            *(cognito._admin_add_user_to_group({**user, "GroupName": group}) for group in person["groups"]),
        ]
        refused = [body for status, _, body in answers if status != 200]
        if refused:
            raise RuntimeError(refused)
        made.append({**person, "password": password})
    return made


# --- HTTP API --------------------------------------------------------------------------------------------------------

_proxy_response = lambda_svc.lambda_execute_result_to_api_proxy_response


def proxy_response(result):
    """A function that fails: AWS answers 500 and nothing else, ministack 502 with the error's text."""
    if result.get("error") and not result.get("throttle"):
        return {
            "statusCode": 500,
            "headers": {"Content-Type": "application/json"},
            "body": '{"message":"Internal Server Error"}',
        }, None
    return _proxy_response(result)


lambda_svc.lambda_execute_result_to_api_proxy_response = proxy_response

_execute_with_scope = lambda_svc._execute_function_with_config_scope


def with_cookies(record, event, *args, **kwargs):
    """AWS takes cookies out of an HTTP API's headers and gives them as a list; ministack leaves them where they came."""
    if isinstance(event, dict) and event.get("version") == "2.0" and "cookies" not in event:
        cookie = event.get("headers", {}).pop("cookie", None)
        if cookie:
            event["cookies"] = cookie.split("; ")
    return _execute_with_scope(record, event, *args, **kwargs)


lambda_svc._execute_function_with_config_scope = with_cookies


# --- Access ----------------------------------------------------------------------------------------------------------

# AUTH=true makes ministack check every call's signature and the caller's IAM policies, so a missing grant fails a journey.
# The signing time is the functions' own, which does not move with the clock; and the bootstrap's bucket policy asks for TLS,
# which loopback does without.
sigv4.request_time_failure = lambda *args, **kwargs: None


class Resource(str):
    """A resource's ARN, with those that are checked beside it."""

    also = ()


_extract_resource_arn = iam_actions.extract_resource_arn


def extract_resource_arn(service, method, path, headers, body, query, region, account):
    """Where ministack checks against "*", which no least-privilege policy allows, and AWS against the resource."""
    field = functools.partial(iam_actions._query_param, query)
    if service == "ses" and field("Action") == "SendRawEmail":
        prefix = f"arn:aws:ses:{region}:{account}:"
        sender = field("Source")
        identity = sender if sender in ses._identities else sender.rpartition("@")[2]
        resource = Resource(f"{prefix}identity/{identity}")
        if field("ConfigurationSetName"):
            resource.also = (f"{prefix}configuration-set/{field('ConfigurationSetName')}",)
        return resource
    if service == "states" and headers.get("x-amz-target", "").startswith("AWSStepFunctions.SendTask"):
        token = json.loads(body or b"{}").get("taskToken")
        execution = tasks[token].execution if token in tasks else closed_tokens.get(token, "*")
        return execution.replace(":execution:", ":stateMachine:").rpartition(":")[0]
    return _extract_resource_arn(service, method, path, headers, body, query, region, account)


_enforce = iam_evaluator.enforce


def enforce(access_key, action, service, region, resource_arn="*", **kwargs):
    for resource in (resource_arn, *getattr(resource_arn, "also", ())):
        denied = _enforce(access_key, action, service, region, resource_arn=resource, **kwargs)
        if denied:
            return denied
    return None


iam_actions.extract_resource_arn = extract_resource_arn
iam_evaluator.enforce = enforce
_pin_request_origin = ministack.pin_request_origin
ministack.pin_request_origin = lambda address, secure: _pin_request_origin(address, True)


# --- Faults ----------------------------------------------------------------------------------------------------------

crashes = {}  # function name -> how many invocations are still to crash
throttles = {"code": None, "times": 0}
_worker_invoke = lambda_runtime.Worker.invoke


def worker_invoke(self, event, request_id, **kwargs):
    """Kill the function's process. The last crash asked for, and every second one before it, comes when all the work is
    done and nobody has heard; the others before the function has seen the event. A crash can fall nowhere outside these."""
    left = crashes.get(self.func_name, 0)
    if left <= 0:
        return _worker_invoke(self, event, request_id, **kwargs)
    crashes[self.func_name] = left - 1
    log = ""
    if left % 2 == 1:
        log = _worker_invoke(self, event, request_id, **kwargs).get("log", "")
    self.kill()
    return {"status": "error", "error": "Worker process died", "log": log, "trace": ""}


lambda_runtime.Worker.invoke = worker_invoke

# Log lines are waited for up to 50 ms after every quiet invocation; a week of sweeps is 168 of them. What comes later than
# this is not lost: it goes out with the function's next invocation.
lambda_runtime.Worker._drain_stderr_bounded.__defaults__ = (0.010, 0.003, 0.250)


# --- The control API -------------------------------------------------------------------------------------------------


def iso(epoch):
    moment = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def log_lines():
    lines = []
    for group in list(cloudwatch_logs._log_groups._data.values()):
        for stream in list(group["streams"].values()):
            lines.extend((event["timestamp"], event["message"]) for event in list(stream["events"]))
    return [message for _, message in sorted(lines, key=lambda line: line[0])]


async def control(path, body):
    """Answer one request of the harness: (status, JSON value)."""
    if path == "/_harness/clock":
        if body:
            to = datetime.datetime.fromisoformat(body["to"].replace("Z", "+00:00"))
            forward = to - datetime.datetime.now(datetime.timezone.utc)
            if forward > datetime.timedelta():
                CLOCK.shift(forward)
        deadlines = [task.deadline for task in list(tasks.values())]
        return 200, {"now": iso(time.time()), "nextTimeout": iso(min(deadlines)) if deadlines else None}
    if path == "/_harness/settle":
        left = await settle(body.get("seconds", 60))
        return (200, {}) if left is None else (504, left)
    if path == "/_harness/faults":
        if not body:
            crashes.clear()
            throttles.update(code=None, times=0)
        if "function" in body:
            crashes[body["function"]] = body["crashes"]
        if "dynamodb" in body:
            throttles.update(code=body["dynamodb"], times=body["times"])
        return 200, {}
    if path == "/_harness/mail":
        return 200, mail[body.get("after", 0) :]
    if path == "/_harness/clients":
        return 200, clients()
    if path == "/_harness/groups":
        return 200, groups()
    if path == "/_harness/people":
        return 200, people(body["people"])
    if path == "/_harness/logs":
        return 200, log_lines()
    if path == "/_harness/schedules":
        return 200, schedules()
    if path == "/_harness/requests":
        return 200, requests
    return 404, {"error": f"no such control: {path}"}


async def read_body(receive):
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return json.loads(body) if body else {}


async def reply(send, status, value, content_type=b"application/json"):
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", content_type)]})
    await send({"type": "http.response.body", "body": json.dumps(value).encode()})


def from_function(headers):
    """Functions have temporary credentials of their own; the harness and the CDK have the root's."""
    return b"Credential=ASIA" in headers.get(b"authorization", b"")


_app = ministack.app

requests = {}  # what functions asked of the table, by operation


async def app(scope, receive, send):
    if scope["type"] != "http":
        return await _app(scope, receive, send)
    if scope["path"].startswith("/_harness/"):
        status, value = await control(scope["path"], await read_body(receive))
        return await reply(send, status, value)
    headers = dict(scope["headers"])
    target = headers.get(b"x-amz-target", b"").decode()
    if target.startswith("DynamoDB_") and from_function(headers):
        operation = target.split(".")[-1]
        requests[operation] = requests.get(operation, 0) + 1
        if throttles["times"] > 0:
            throttles["times"] -= 1
            error = {
                "__type": f"com.amazonaws.dynamodb.v20120810#{throttles['code']}",
                "message": "a fault asked for by the test",
            }
            return await reply(send, 400, error, b"application/x-amz-json-1.0")
    return await _app(scope, receive, send)


ministack.app = app


def end_with_parent():
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGTERM) if os.getpgrp() == os.getpid() else os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=end_with_parent, daemon=True).start()
    sys.argv = sys.argv[:1]
    ministack.main()
