"""Where ministack differs from AWS in what this system relies on: each shown on the unchanged emulator, in as little as it takes.

Ends with an error when one of them is gone, so that its workaround in emulator.py goes too. What AWS does is in each one's text.
"""

import asyncio
import base64
import json
import sys
import threading
import time
import urllib.parse

from ministack.core import iam_actions
from ministack.services import apigateway, cognito, eventbridge, lambda_svc, scheduler, ses
from ministack.services import stepfunctions as states
from ministack.services.cloudformation import provisioners

WAIT_FOR_TOKEN = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
    "Parameters": {"FunctionName": "f", "Payload": {"token.$": "$$.Task.Token"}},
    "TimeoutSeconds": 1,
    "End": True,
}


def body(response):
    return json.loads(response[2] or "{}")


def start(name, definition):
    """Starts an execution and returns its ARN."""
    machine = body(
        states._create_state_machine(
            {"name": name, "definition": json.dumps(definition), "roleArn": "arn:aws:iam::000000000000:role/r"}
        )
    )["stateMachineArn"]
    return body(states._start_execution({"stateMachineArn": machine, "name": "e", "input": "{}"}))["executionArn"]


def eventually(condition):
    for _ in range(500):
        if condition():
            return True
        time.sleep(0.01)
    return False


def waiting(name, tokens):
    """Starts an execution that waits for its token; returns its ARN and the token."""
    states._call_lambda = lambda _function, payload: tokens.append(payload["token"])
    arn = start(name, {"StartAt": "Wait", "States": {"Wait": {**WAIT_FOR_TOKEN, "TimeoutSeconds": 60}}})
    assert eventually(lambda: tokens), "the task was not started"
    return arn, tokens[0]


def swallows_a_failing_function():
    """AWS fails a waitForTaskToken task whose function fails, so Retry and Catch apply at once; here it waits for the token
    until TimeoutSeconds."""

    def fail(_function, _payload):
        raise states._ExecutionError("Boom", "")

    states._call_lambda = fail
    arn = start("swallow", {"StartAt": "Wait", "States": {"Wait": WAIT_FOR_TOKEN}})
    assert eventually(lambda: states._executions[arn]["status"] == "FAILED"), "the task did not end"
    return states._executions[arn]["error"] == "States.Timeout"


def keeps_one_token_for_all_attempts():
    """AWS gives each attempt of a task a token of its own."""
    tokens = []
    states._call_lambda = lambda _function, payload: tokens.append(payload["token"])
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 0, "MaxAttempts": 1}]
    start("attempts", {"StartAt": "Wait", "States": {"Wait": {**WAIT_FOR_TOKEN, "TimeoutSeconds": 0.05, "Retry": retry}}})
    assert eventually(lambda: len(tokens) == 2), "the task was not tried again"
    return tokens[0] == tokens[1]


def leaves_a_stopped_execution_answerable():
    """AWS answers TaskTimedOut to a token whose execution was stopped; here it is taken and the execution's history goes on."""
    arn, token = waiting("stop", [])
    states._stop_execution({"executionArn": arn})
    return states._send_task_success({"taskToken": token, "output": "{}"})[0] == 200


def fails_what_was_stopped():
    """AWS leaves a stopped execution ABORTED; here the failure of the task it was in makes it FAILED."""
    execution = {"executionArn": "a", "stateMachineArn": "b", "name": "c", "status": "ABORTED", "events": []}
    states._fail_execution(execution, "Late", "")
    return execution["status"] == "FAILED"


def takes_two_answers_to_one_token():
    """AWS takes the first and says TaskTimedOut to the second; here the second replaces it until the thread wakes, and
    afterwards the answer is TaskDoesNotExist."""
    states._task_tokens["t"] = {"event": threading.Event(), "result": None, "error": None, "heartbeat": None}
    answers = [states._send_task_success({"taskToken": "t", "output": output}) for output in ("1", "2")]
    second = states._task_tokens.pop("t")["result"]
    gone = body(states._send_task_success({"taskToken": "t", "output": "3"}))
    return answers[1][0] == 200 and second == "2" and "TaskDoesNotExist" in gone["__type"]


def refuses_the_same_start_twice():
    """AWS answers a second StartExecution of the same name and input with the running execution."""
    arn, _ = waiting("twice", [])
    machine = states._executions[arn]["stateMachineArn"]
    again = states._start_execution({"stateMachineArn": machine, "name": "e", "input": "{}"})
    return "ExecutionAlreadyExists" in body(again)["__type"]


def hands_on_the_scheduled_time_unreplaced():
    """AWS puts the planned time where a schedule's input says <aws.scheduler.scheduled-time>."""
    events = []
    arn = "arn:aws:lambda:us-east-1:000000000000:function:f"
    config = {"FunctionName": "f", "FunctionArn": arn}
    lambda_svc._functions["f"] = {"config": config, "versions": {}, "aliases": {}}
    lambda_svc._execute_function_with_config_scope = lambda _function, event: events.append(event)
    scheduler._schedules["default/s"] = {
        "Name": "s",
        "State": "ENABLED",
        "ScheduleExpression": "rate(1 minute)",
        "CreationDate": 0,
        "Target": {"Arn": arn, "RoleArn": "r", "Input": '{"now":"<aws.scheduler.scheduled-time>"}'},
    }
    scheduler._tick_schedules()
    assert eventually(lambda: events), "the schedule did not fire"
    return events[0] == {"now": "<aws.scheduler.scheduled-time>"}


def forgets_the_envelope():
    """SES delivers to the recipients of the envelope and knows the message it sent; here the record has the headers' recipients
    and no message."""
    ses._send_raw_email(raw_email("To: header@example.org", "Destinations.member.1", "envelope@example.org"))
    record = ses._sent_emails_list()[-1]
    return record["To"] == ["header@example.org"] and not any("raw" in key.lower() for key in record if key != "Type")


def takes_any_configuration_set():
    """SES refuses raw email that names a configuration set which does not exist."""
    return ses._send_raw_email(raw_email("To: a@example.org", "ConfigurationSetName", "missing"))[0] == 200


def raw_email(header, key, value):
    ses._verify_email_identity({"EmailAddress": "s@example.org"})
    message = base64.b64encode(f"{header}\r\nSubject: s\r\n\r\ntext".encode()).decode()
    return {"Source": ["s@example.org"], "RawMessage.Data": [message], key: [value]}


def shows_a_functions_error_to_the_world():
    """An HTTP API answers 500 Internal Server Error for a function that fails; here 502 with the error's text."""
    failed = {"error": True, "body": {"errorMessage": "secret", "errorType": "E"}}
    response, _ = lambda_svc.lambda_execute_result_to_api_proxy_response(failed)
    return response["statusCode"] == 502 and "secret" in response["body"]


def checks_raw_email_against_everything():
    """AWS checks SendRawEmail against the identity and the configuration set; here against "*"."""
    query = {"Action": ["SendRawEmail"], "Source": ["s@example.org"]}
    return iam_actions.extract_resource_arn("ses", "POST", "/", {}, b"", query, "us-east-1", "0" * 12) == "*"


def checks_answers_against_everything():
    """AWS checks SendTaskSuccess against the token's state machine; here against "*"."""
    headers = {"x-amz-target": "AWSStepFunctions.SendTaskSuccess"}
    token = b'{"taskToken":"t","output":"{}"}'
    return iam_actions.extract_resource_arn("states", "POST", "/", headers, token, {}, "us-east-1", "0" * 12) == "*"


def leaves_cookies_among_the_headers():
    """AWS gives an HTTP API's cookies to functions as a list beside the headers (payload 2.0); here they stay a header."""
    seen = []

    def answer(_record, event):
        seen.append(event)
        return {"body": {"statusCode": 200}}

    names = ("_get_func_record_for_ref_in_scope", "_execution_record_for_config", "_execute_function_with_config_scope")
    kept = [getattr(lambda_svc, name) for name in names]
    for name, stand_in in zip(names, (lambda *_, **__: ({}, {}, "f"), lambda *_: {}, answer)):
        setattr(lambda_svc, name, stand_in)
    try:
        asyncio.run(
            apigateway._invoke_lambda_proxy(
                {"integrationUri": "f"}, "api", "$default", "/", "GET", {"cookie": "a=1; b=2"}, b"", {}
            )
        )
    finally:
        for name, original in zip(names, kept):
            setattr(lambda_svc, name, original)
    return "cookies" not in seen[0] and seen[0]["headers"]["cookie"] == "a=1; b=2"


def refers_to_a_secret_by_its_name():
    """AWS gives a secret's ARN as its Ref; here its name, so that a policy for the Ref allows nothing."""
    reference, attributes = provisioners._sm_secret_create("Secret", {"SecretString": "s"}, "stack")
    return attributes["Id"].startswith("arn:") and not reference.startswith("arn:")


def puts_punctuation_into_every_secret():
    """AWS leaves it out where GenerateSecretString says ExcludePunctuation; here it is in all the same."""
    made = provisioners._sm_secret_string({"GenerateSecretString": {"PasswordLength": 999, "ExcludePunctuation": True}})
    return not made.isalnum()


def does_not_say_where_a_user_pool_is():
    """AWS gives ProviderURL as an attribute of a user pool: its issuer."""
    return "ProviderURL" not in provisioners._cognito_user_pool_attributes("us-east-1_pool")


def names_an_issuer_that_it_is_not():
    """AWS serves a pool's discovery document and keys at the issuer that they and the pool's tokens name; here they name AWS's own
    host, so whoever looks there for the keys finds none of them."""
    document = json.loads(cognito.well_known_openid_configuration("us-east-1_pool", host="127.0.0.1:4566")[2])
    token = cognito._fake_token("client", "us-east-1_pool", "client", scope="a/b")
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    aws = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_pool"
    return document["issuer"] == claims["iss"] == aws and document["jwks_uri"].startswith("http://127.0.0.1:4566/")


def does_not_know_how_sign_in_pages_look():
    """AWS shows nobody the pages of managed login without an AWS::Cognito::ManagedLoginBranding; here a template with one is refused."""
    return "AWS::Cognito::ManagedLoginBranding" not in provisioners._RESOURCE_HANDLERS


def does_not_know_budgets_of_a_stack():
    """AWS makes an AWS::Budgets::Budget; here a template with one is refused, though there are budgets."""
    return "AWS::Budgets::Budget" not in provisioners._RESOURCE_HANDLERS


def does_not_know_alarms_over_alarms():
    """AWS makes an AWS::CloudWatch::CompositeAlarm; here a template with one is refused."""
    return "AWS::CloudWatch::CompositeAlarm" not in provisioners._RESOURCE_HANDLERS


def reckons_no_figures_of_alarms():
    """AWS takes an alarm on an expression of several metrics; here a template with one is refused."""
    try:
        provisioners._cw_metric_alarm_record("a", {"Metrics": [{"Id": "m", "Expression": "1 + 1"}]})
    except ValueError as refused:
        return "metric math" in str(refused)
    return False


def asks_nobody_for_a_second_factor():
    """AWS asks for it where the pool does, at the first sign-in to set it up; here the pages are content with the password."""
    pool = body(cognito._create_user_pool({"PoolName": "p", "MfaConfiguration": "ON"}))["UserPool"]["Id"]
    client = {"UserPoolId": pool, "ClientName": "c", "AllowedOAuthFlows": ["code"], "CallbackURLs": ["http://localhost/"]}
    user = {"UserPoolId": pool, "Username": "u"}
    cognito._admin_create_user(user)
    cognito._admin_set_user_password({**user, "Password": "Passw0rd-Passw0rd", "Permanent": True})
    form = {
        "client_id": body(cognito._create_user_pool_client(client))["UserPoolClient"]["ClientId"],
        "redirect_uri": "http://localhost/",
        "username": "u",
        "password": "Passw0rd-Passw0rd",
    }
    status, headers, _ = cognito.handle_login_submit("POST", "/login", {}, urllib.parse.urlencode(form).encode(), {})
    return status == 302 and "code=" in headers["Location"]


DEVIATIONS = [
    swallows_a_failing_function,
    keeps_one_token_for_all_attempts,
    leaves_a_stopped_execution_answerable,
    fails_what_was_stopped,
    takes_two_answers_to_one_token,
    refuses_the_same_start_twice,
    hands_on_the_scheduled_time_unreplaced,
    forgets_the_envelope,
    takes_any_configuration_set,
    shows_a_functions_error_to_the_world,
    checks_raw_email_against_everything,
    checks_answers_against_everything,
    leaves_cookies_among_the_headers,
    refers_to_a_secret_by_its_name,
    puts_punctuation_into_every_secret,
    does_not_say_where_a_user_pool_is,
    names_an_issuer_that_it_is_not,
    does_not_know_how_sign_in_pages_look,
    does_not_know_budgets_of_a_stack,
    does_not_know_alarms_over_alarms,
    reckons_no_figures_of_alarms,
    asks_nobody_for_a_second_factor,
]

if __name__ == "__main__":
    eventbridge.start_scheduler = scheduler.start_scheduler = lambda: None
    gone = [deviation.__name__ for deviation in DEVIATIONS if not deviation()]
    if gone:
        sys.exit(
            f"ministack now does as AWS does: {', '.join(gone)}. Take the workaround out of emulator.py and the entry out of here."
        )
    print(f"{len(DEVIATIONS)} known deviations")
