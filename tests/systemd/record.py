"""Prints what becomes of each task as JSON lines, for comparison."""

import json

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: record
type: stdout
short_description: JSON lines
description: JSON lines
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "record"

    def _say(self, kind, status, result):
        fields = result._result
        if status == "ok" and fields.get("changed"):
            status = "changed"
        print(
            json.dumps(
                {
                    "kind": kind,
                    "task": result._task.get_name(),
                    "status": status,
                    "result": fields,
                },
                default=str,
            ),
            flush=True,
        )

    def _status(self, name, ignored):
        return "ignored" if ignored and name == "failed" else name

    def v2_runner_on_ok(self, result):
        self._say("done", "ok", result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._say("done", self._status("failed", ignore_errors), result)

    def v2_runner_on_skipped(self, result):
        self._say("done", "skipped", result)

    def v2_runner_on_unreachable(self, result):
        self._say("done", "unreachable", result)

    def v2_runner_item_on_ok(self, result):
        self._say("item", "ok", result)

    def v2_runner_item_on_failed(self, result):
        self._say("item", self._status("failed", result._task.ignore_errors), result)

    def v2_runner_item_on_skipped(self, result):
        self._say("item", "skipped", result)
