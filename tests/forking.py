"""Commands of documentation, each in a fresh process that need not import everything again.

    python forking.py SOCKET          imports once, then forks for each command
    ln -s forking.py curation         called by that name, it has the server run the command

Documentation has many commands to try, and importing spaCy and the rest takes seconds each time.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pkgutil
import socket
import sys
import traceback
from pathlib import Path

_MOST = 1 << 20


def call(address: str) -> int:
    """Has the server run this process's arguments, here, with this input and output."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        asked = json.dumps({"argv": sys.argv, "cwd": str(Path.cwd()), "env": dict(os.environ)})
        socket.send_fds(connection, [asked.encode() + b"\n"], [0, 1, 2])
        answer = connection.recv(16)
    return int(answer or b"70")


def serve(address: str) -> None:
    """Waits for commands until it is ended; a line on stdout says that it is ready."""
    import curation.cli
    import curation.workflows

    for package in (curation.cli, curation.workflows):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            with contextlib.suppress(ImportError):  # a command that lacks something says so itself
                importlib.import_module(module.name)
    for name in ("spacy", "onnxruntime", "pyarrow.parquet", "scipy.stats", "label_studio_sdk"):
        importlib.import_module(name)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen()
        print("ready", flush=True)
        while True:
            connection, _ = listening.accept()
            with connection:
                body, descriptors, _, _ = socket.recv_fds(connection, _MOST, 3)
                while not body.endswith(b"\n"):
                    body += connection.recv(_MOST)
                code = _forked(json.loads(body), descriptors)
                connection.sendall(str(code).encode())
            for descriptor in descriptors:
                os.close(descriptor)


def _forked(asked: dict[str, object], descriptors: list[int]) -> int:
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 70
    try:
        for target, descriptor in enumerate(descriptors):
            os.dup2(descriptor, target)
        os.chdir(str(asked["cwd"]))
        os.environ.clear()
        os.environ.update(asked["env"])  # type: ignore[call-overload]
        sys.argv = list(asked["argv"])  # type: ignore[call-overload]
        code = _run()
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _run() -> int:
    try:
        if Path(sys.argv[0]).name == "curation":
            from curation.cli import main

            main()
        else:
            code = Path(sys.argv[1]).read_text(encoding="utf-8")
            exec(compile(code, sys.argv[1], "exec"), {"__name__": "__main__"})
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


if __name__ == "__main__":
    if "FORKING" in os.environ:
        sys.exit(call(os.environ["FORKING"]))
    serve(sys.argv[1])
