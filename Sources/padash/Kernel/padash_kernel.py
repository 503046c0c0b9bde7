"""The Jupyter kernel of padash: passes messages between Jupyter and a padash process.

Written by `padash kernel install`. The process is `padash kernel serve`: it reads requests and writes replies, each one a line
of JSON (see KernelServer.swift).
"""
import contextlib
import fnmatch
import json
import os
import signal
import subprocess

from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel


class PadashKernel(Kernel):
    implementation = "padash"
    implementation_version = "1"
    language_info = {
        "name": "pada", "mimetype": "text/x-pada", "file_extension": ".pada", "pygments_lexer": "rust", "codemirror_mode": "rust",
    }
    banner = "padash, one-shot neural architecture search"

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.process = None
        self.earlier = None  # the inputs of earlier sessions, from the first cell on
        self.inputs = []  # [cell number, code, value as text or None] of this session

    # The process

    def request(self, operation, **fields):
        """Sends a request and yields its replies, the last one of type "done"."""
        if self.process is None:
            # In a process group of its own, so that an interrupt reaches it once, from here.
            self.process = subprocess.Popen(
                [os.environ.get("PADASH", "padash"), "kernel", "serve"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        process = self.process
        try:
            process.stdin.write((json.dumps({"operation": operation, **fields}) + "\n").encode())
            process.stdin.flush()
        except OSError:
            pass  # it has ended, which the reading below finds
        while True:
            try:
                line = process.stdout.readline()
            except KeyboardInterrupt:
                process.send_signal(signal.SIGINT)
                continue
            if not line.endswith(b"\n"):
                raise Ended(self.stop())
            reply = json.loads(line)
            yield reply
            if reply["type"] == "done":
                return

    def stop(self):
        """Ends the process; gives its exit code, negative for a signal."""
        process, self.process = self.process, None
        if process is None:
            return 0
        with contextlib.suppress(OSError):  # what was written last may not have gone out
            process.stdin.close()
        try:
            return process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def answer(self, operation, **fields):
        """The last reply to a request that has only one."""
        return list(self.request(operation, **fields))[-1]

    # Messages

    def do_execute(self, code, silent, store_history=True, user_expressions=None, allow_stdin=False, **_):
        try:
            reply = self.execute(code, silent, store_history)
            if reply["status"] == "ok":
                reply["user_expressions"] = {name: self.evaluate(code) for name, code in (user_expressions or {}).items()}
            return reply
        except Ended as end:
            reason = f"signal {-end.code}" if end.code < 0 else f"exit code {end.code}"
            return self.failure(
                "Ended", f"padash ended ({reason}); all values are lost, and the next cell starts it again", [], silent)

    def execute(self, code, silent, store_history):
        self.loadHistory()
        entry = [self.execution_count, code, None]
        if store_history and not silent:
            self.inputs.append(entry)
        bars = Bars(self)
        failure = None
        payload = []
        for reply in self.request("execute", code=code, number=self.execution_count, isSilent=silent):
            kind = reply["type"]
            if kind == "done":
                status = reply["status"]
            elif kind == "error":
                failure = reply
            elif kind == "page":
                payload.append({"source": "page", "data": {"text/plain": reply["text"]}, "start": 0})
            elif silent:
                continue
            elif kind == "text":
                self.send("stream", name="stdout", text=reply["text"])
            elif kind == "warning":
                self.send("stream", name="stderr", text=reply["text"])
            elif kind == "progress":
                bars.show(reply["text"], reply["isFinished"])
            elif kind == "value":
                entry[2] = reply["data"]["text/plain"]
                self.send("execute_result", execution_count=self.execution_count, data=reply["data"], metadata={})
            elif kind == "display":
                self.send("display_data", data=reply["data"], metadata={})
        if failure is not None:
            return self.failure(failure["name"], failure["message"], failure["trace"], silent)
        if status == "exit":
            payload.append({"source": "ask_exit", "keepkernel": False})
        return {"status": "ok", "execution_count": self.execution_count, "payload": payload, "user_expressions": {}}

    def evaluate(self, code):
        """The value of an expression, or the error that it gives, as a part of a reply."""
        value = {"status": "ok", "data": {}, "metadata": {}}
        for reply in self.request("execute", code=code, isSilent=True):
            if reply["type"] == "error":
                value = {"status": "error", "ename": reply["name"], "evalue": reply["message"], "traceback": reply["trace"]}
            elif reply["type"] == "value" and value["status"] == "ok":
                value["data"] = reply["data"]
        return value

    def failure(self, name, message, trace, silent):
        content = {"ename": name, "evalue": message, "traceback": trace or [f"{name}: {message}"]}
        if not silent:
            self.send("error", **content)
        return {"status": "error", "execution_count": self.execution_count, **content}

    def send(self, kind, **content):
        self.send_response(self.iopub_socket, kind, content)

    def do_complete(self, code, cursor_pos):
        reply = self.answer("complete", code=code, cursor=cursor_pos)
        return {
            "status": "ok", "matches": reply["matches"], "cursor_start": reply["start"], "cursor_end": cursor_pos, "metadata": {}}

    def do_inspect(self, code, cursor_pos, detail_level=0, omit_sections=()):
        text = self.answer("inspect", code=code, cursor=cursor_pos)["text"]
        return {"status": "ok", "found": bool(text), "data": {"text/plain": text} if text else {}, "metadata": {}}

    def do_is_complete(self, code):
        status = self.answer("isComplete", code=code)["completeness"]
        return {"status": status, "indent": "    " * (code.count("{") - code.count("}"))} if status == "incomplete" else {"status": status}

    def loadHistory(self):
        if self.earlier is None:
            self.earlier = self.answer("history")["entries"]

    def do_history(self, hist_access_type, output, raw, session=None, start=None, stop=None, n=None, pattern=None, unique=False):
        """This session is number 2, which is also 0. Number 1, also -1, is what padash's prompt and other notebooks wrote down before."""
        self.loadHistory()
        found = [(1, i + 1, code, None) for i, code in enumerate(self.earlier)] + [(2, *entry) for entry in self.inputs]
        if hist_access_type == "range":
            number = session if (session or 0) > 0 else 2 + (session or 0)
            found = [e for e in found if e[0] == number and (start or 0) <= e[1] and (stop is None or e[1] < stop)]
        else:
            if hist_access_type == "search":
                found = [e for e in found if fnmatch.fnmatchcase(e[2], pattern or "*")]
                if unique:
                    found = list({e[2]: e for e in found}.values())
            found = found[-n:] if n else found
        return {"status": "ok", "history": [(s, i, (code, value)) if output else (s, i, code) for s, i, code, value in found]}

    def do_shutdown(self, restart):
        self.stop()
        return {"status": "ok", "restart": restart}


class Ended(Exception):
    """The process is gone."""

    def __init__(self, code):
        self.code = code


class Bars:
    """The progress of a cell: one display that changes, and that disappears unless its loop finishes."""

    def __init__(self, kernel):
        self.kernel = kernel
        self.count = 0
        self.isShown = False

    def show(self, text, isFinished):
        display = {"display_id": f"progress-{self.kernel.execution_count}-{self.count}"}
        self.kernel.send(
            "update_display_data" if self.isShown else "display_data", data={"text/plain": text}, metadata={}, transient=display)
        self.isShown = not isFinished
        self.count += isFinished


if __name__ == "__main__":
    IPKernelApp.launch_instance(kernel_class=PadashKernel)
