"""Prints what happens in a run as JSON lines, for comparison."""

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

    def _say(self, *what):
        print(json.dumps(what), flush=True)

    def _result(self, kind, status, result):
        task = result._task
        if task.action.rsplit(".")[-1] in ("include_tasks", "include_role") and status == "ok":
            return
        if task.action.rsplit(".")[-1] == "meta":
            return
        fields = result._result
        if status == "ok" and fields.get("changed"):
            status = "changed"
        shown = None
        if task.action.endswith("debug") and status == "ok" and "results" not in fields:
            hidden = ("changed", "failed", "ansible_loop_var", "ansible_index_var", "ansible_loop")
            names = [n for n in fields if not n.startswith("_") and n not in hidden]
            loop_var = fields.get("ansible_loop_var")
            index_var = fields.get("ansible_index_var")
            names = [n for n in names if n not in (loop_var, index_var)]
            shown = {n: fields[n] for n in names}
        label = self._get_item_label(fields) if kind == "item" else None
        if label is not None and not isinstance(label, str):
            label = str(label)
        self._say(kind, result._host.get_name(), status, label, shown)

    def v2_playbook_on_play_start(self, play):
        self._say("play", play.get_name())

    def v2_playbook_on_task_start(self, task, is_conditional):
        # swarmctl doesn't show meta tasks.
        if task.action.rsplit(".")[-1] == "meta":
            return
        self._say("task", task.get_name())

    def v2_playbook_on_handler_task_start(self, task):
        self._say("handler", task.get_name())

    def v2_playbook_on_no_hosts_matched(self):
        self._say("nohosts")

    def v2_runner_on_ok(self, result):
        self._result("done", "ok", result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._result("done", "ignored" if ignore_errors else "failed", result)

    def v2_runner_on_skipped(self, result):
        self._result("done", "skipped", result)

    def v2_runner_on_unreachable(self, result):
        self._result("done", "unreachable", result)

    def v2_runner_item_on_ok(self, result):
        self._result("item", "ok", result)

    def v2_runner_item_on_failed(self, result):
        ignored = result._result.get("_ansible_ignore_errors")
        self._result("item", "ignored" if ignored else "failed", result)

    def v2_runner_item_on_skipped(self, result):
        self._result("item", "skipped", result)

    def v2_playbook_on_stats(self, stats):
        for host in sorted(stats.processed):
            s = stats.summarize(host)
            names = ("ok", "changed", "unreachable", "failures", "skipped", "rescued", "ignored")
            self._say("recap", host, *[s[n] for n in names])
