"""A web process for test_imports: uploads a file, reads addresses, then tells what it has loaded.

Run as `python -m tests.web_process TOKEN FILE PATH…`, settings and database in the environment.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

HEAVY = {"tensorflow", "keras", "numpy", "scipy"}
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def status_of(application: Application, method: str, path: str, **environ: Any) -> str:
    """Ask as gunicorn does."""
    heard: list[str] = []

    def start_response(status: str, *told: Any) -> None:
        heard.append(status)

    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "HTTP_HOST": "localhost",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
        **environ,
    }
    for _ in application(environ, start_response):
        pass
    return heard[0]


def upload(application: Application, token: str, file: Path) -> str:
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n\r\n'
    body = head.encode() + file.read_bytes() + b"\r\n--x--\r\n"
    return status_of(
        application,
        "POST",
        "/api/v1/images/",
        HTTP_AUTHORIZATION=f"Token {token}",
        CONTENT_TYPE="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(len(body)),
        **{"wsgi.input": BytesIO(body)},
    )


def peak_megabytes() -> float:
    # Not getrusage(): its peak includes the process that started this one.
    status = Path("/proc/self/status").read_text()
    (kilobytes,) = re.findall(r"VmHWM:\s+(\d+) kB", status)
    return int(kilobytes) / 1024


def main(token: str, file: str, *paths: str) -> None:
    from django.urls import get_resolver

    from retrieval_site.wsgi import application

    # The views of every address, so nothing is left for a later request to load.
    addresses = len(get_resolver().url_patterns)
    statuses = {"upload": upload(application, token, Path(file))}
    statuses |= {path: status_of(application, "GET", path) for path in paths}
    told = {
        "addresses": addresses,
        "statuses": statuses,
        "heavy": sorted({name.partition(".")[0] for name in sys.modules} & HEAVY),
        "megabytes": peak_megabytes(),
    }
    print(json.dumps(told))  # noqa: T201 - what the test reads


if __name__ == "__main__":
    main(*sys.argv[1:])
