#!/usr/bin/env python3
"""Drives padash's kernel as Jupyter does: jupyter_client for single messages, nbconvert for a whole notebook.

usage: Tests/jupyter/kernel.py [PADASH]     (with an interpreter that has jupyter_client, ipykernel, nbconvert and nbformat)

PADASH is the binary, .build/release/padash unless it is given. Installs the kernel into a temporary folder.
"""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import nbformat
from jupyter_client.manager import start_new_kernel

NAME = "padash-under-test"
ROOT = pathlib.Path(__file__).resolve().parents[2]
padash = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / ".build/release/padash").resolve()
home = pathlib.Path(tempfile.mkdtemp())
os.environ.update(JUPYTER_DATA_DIR=str(home / "data"), XDG_STATE_HOME=str(home / "state"), JUPYTER_RUNTIME_DIR=str(home / "runtime"))
subprocess.run([padash, "kernel", "install", "--name", NAME, "--python", sys.executable], check=True)

failures = 0


def check(what, isTrue, found=None):
    global failures
    print(f"{'ok  ' if isTrue else 'FAIL'}  {what}" + ("" if isTrue else f": {found!r}"))
    failures += not isTrue


def execute(client, code, interruptAfter=None, manager=None, **options):
    """The messages that a cell gives, and its reply."""
    request = client.execute(code, **options)
    if interruptAfter:
        time.sleep(interruptAfter)
        manager.interrupt_kernel()
    messages = []
    while True:
        message = client.get_iopub_msg(timeout=30)
        if message["parent_header"].get("msg_id") != request:
            continue
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            break
        messages.append((message["msg_type"], message["content"]))
    return messages, answer(client, request)


def answer(client, request):
    """The reply to a request; others may come before it, such as one to a client that asks whether the kernel is there."""
    while True:
        message = client.get_shell_msg(timeout=30)
        if message["parent_header"].get("msg_id") == request:
            return message["content"]


def texts(messages):
    return "".join(c["text"] for kind, c in messages if kind == "stream")


def data(messages):
    return [c["data"] for kind, c in messages if kind in ("execute_result", "display_data")]


manager, client = start_new_kernel(kernel_name=NAME)
other_manager, other = start_new_kernel(kernel_name=NAME)

messages, reply = execute(client, 'let x = 6\nprint("grüße", x)\nx * 7')
check("prints are streamed", texts(messages) == "grüße 6\n", messages)
check("the last value is the result", data(messages) == [{"text/plain": "42"}], messages)
check("cells are counted", reply["execution_count"] == 1 and reply["status"] == "ok", reply)
messages, reply = execute(client, "Out[1] + _")
check("earlier values are kept", data(messages) == [{"text/plain": "84"}], messages)
messages, reply = execute(other, "x")
check("two kernels do not share names", reply["status"] == "error" and reply["ename"] == "name error", reply)

messages, reply = execute(client, "let y = x + nonesuch")
check("errors have a name, a message and a trace", reply["status"] == "error" and "nonesuch" in reply["evalue"] and any("^" in l for l in reply["traceback"]), reply)
messages, reply = execute(client, "plot([1, 2, 3])")
check("plots come as SVG", any("<svg" in d.get("image/svg+xml", "") for d in data(messages)), data(messages))
messages, reply = execute(client, "table([{a: 1, b: \"<x>\"}, {a: 2, b: \"y\"}])")
check("tables come as HTML", any("<table" in d.get("text/html", "") and "&lt;x&gt;" in d["text/html"] for d in data(messages)), data(messages))
messages, reply = execute(client, "for i in progress(0..30, \"steps\") { sleep(0.02) }")
shown = [c for kind, c in messages if kind in ("display_data", "update_display_data")]
check("progress is one display that changes", len({c["transient"]["display_id"] for c in shown}) == 1 and "30/30" in shown[-1]["data"]["text/plain"], shown)
messages, reply = execute(client, "for i in 0..20000 { print(i, \"some words to fill the line\") }")
check("a large output arrives whole", len(texts(messages).splitlines()) == 20000, len(texts(messages)))
messages, reply = execute(client, "kendall?")
check("name? shows help in the pager", [p["source"] for p in reply["payload"]] == ["page"] and "tau" in reply["payload"][0]["data"]["text/plain"], reply)
messages, reply = execute(client, "1", user_expressions={"twice": "x * 2", "wrong": "nonesuch"})
check("user expressions", reply["user_expressions"]["twice"]["data"]["text/plain"] == "12" and reply["user_expressions"]["wrong"]["status"] == "error", reply)
messages, reply = execute(client, "x = 7", silent=True)
check("a silent cell says nothing", all(kind in ("status", "execute_input") for kind, _ in messages), messages)

start = time.time()
messages, reply = execute(client, "var n = 0\nwhile true { n = n + 1 }", interruptAfter=0.7, manager=manager)
check("an endless loop is interrupted", reply["status"] == "error" and reply["ename"] == "interrupted error" and time.time() - start < 3, reply)
messages, reply = execute(client, "[x, n > 0]")
check("and the values are still there", data(messages) == [{"text/plain": "[6, true]"}], messages)


reply = answer(client, client.complete('let grüße = x + kend', 20))
check("completion", reply["matches"] == ["kendall"] and reply["cursor_start"] == 16 and reply["cursor_end"] == 20, reply)
reply = answer(client, client.inspect("kendall(a, ", 11))
check("inspection of the open call", reply["found"] and "Kendall" in reply["data"]["text/plain"], reply)
check("inspection of nothing", not answer(client, client.inspect("1 + 1", 5))["found"])
check("an open block is not complete", answer(client, client.is_complete("fn f(x) {")) == {"status": "incomplete", "indent": "    "})
check("a whole one is", answer(client, client.is_complete("fn f(x) { x }"))["status"] == "complete")
check("a mistake is invalid", [answer(client, client.is_complete(code))["status"] for code in ("let = 3", ")")] == ["invalid"] * 2)
reply = answer(client, client.history(hist_access_type="tail", n=3, raw=True, output=False))
check("history", len(reply["history"]) == 3 and any("while true" in h[2] for h in reply["history"]), reply)
session, number, code = reply["history"][-1]
for name in (session, 0):
    reply = answer(client, client.history(hist_access_type="range", session=name, start=number, stop=number + 1, raw=True, output=True))
    check("history by session and number", reply["history"] == [[session, number, [code, "[6, true]"]]], reply)

messages, reply = execute(other, "exit(3)")
check("exit asks for the end", reply["status"] == "ok" and reply["payload"][0]["source"] == "ask_exit", reply)
messages, reply = execute(other, "1")
check("and its code is told", reply["status"] == "error" and "exit code 3" in reply["evalue"], reply)

child = subprocess.run(["pgrep", "-f", "kernel serve"], capture_output=True, text=True).stdout.split()
for pid in child:
    os.kill(int(pid), signal.SIGKILL)
messages, reply = execute(client, "x")
check("a dead process is told", reply["status"] == "error" and "signal 9" in reply["evalue"], reply)
messages, reply = execute(client, "1 + 1")
check("and started anew", data(messages) == [{"text/plain": "2"}], messages)
manager.restart_kernel(now=False)
client.wait_for_ready(timeout=30)
messages, reply = execute(client, "x")
check("a restart forgets", reply["status"] == "error", reply)
for m, c in ((manager, client), (other_manager, other)):
    c.stop_channels()
    m.shutdown_kernel()
time.sleep(0.5)
left = subprocess.run(["pgrep", "-f", "kernel serve"], capture_output=True, text=True).stdout.split()
check("no process is left behind", left == [], left)

notebook = nbformat.v4.new_notebook(cells=[
    nbformat.v4.new_markdown_cell("# Title"), nbformat.v4.new_code_cell("seed(1)\nlet x ~ normal(0, 1)\nx"),
    nbformat.v4.new_code_cell("plot([1, 4, 9])")], metadata={"kernelspec": {"name": NAME, "display_name": "padash"}})
nbformat.write(notebook, home / "in.ipynb")
subprocess.run([sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--output", "out.ipynb", home / "in.ipynb"], check=True)
done = nbformat.read(home / "out.ipynb", as_version=4)
check("nbconvert executes a notebook", [c.execution_count for c in done.cells if c.cell_type == "code"] == [1, 2] and len(done.cells[1].outputs) == 1, done)
subprocess.run([sys.executable, "-m", "nbconvert", "--to", "html", home / "out.ipynb"], check=True, capture_output=True)
# A plot is an image in the page itself.
check("and renders it", "data:image/svg+xml;base64," in (home / "out.html").read_text())
subprocess.run([padash, "kernel", "uninstall", "--name", NAME], check=True)
sys.exit(1 if failures else 0)
