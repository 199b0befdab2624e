"""A real browser, to look at what pages and pictures come to."""

import base64
import hashlib
import os
import re
import shutil
import subprocess

from tests.missing import missing

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-extensions", "--disable-dev-shm-usage", "--hide-scrollbars",
)  # fmt: skip


def dump(page, folder):
    """Opens an HTML document; returns the document as it is after its scripts have run."""
    return open_page(page, folder, "--dump-dom").decode("utf-8")


def printed(page, folder):
    """Prints an HTML document; returns the PDF."""
    file = folder / "page.pdf"
    open_page(page, folder, f"--print-to-pdf={file}")
    return file.read_bytes()


def open_page(page, folder, what):
    """Opens an HTML document in the browser; returns what it writes."""
    browser = next((path for path in map(shutil.which, NAMES) if path and _sees_files(path)), None)
    if browser is None:
        missing(
            "Chromium is not on PATH: install it, on Debian as `chromium`",
            excused=bool(os.environ.get("SECRETGEN_NO_BROWSER")),
        )
    file = folder / "page.html"
    file.write_text(page, encoding="utf-8")
    profile = f"--user-data-dir={folder / 'profile'}"
    run = subprocess.run(
        [browser, *FLAGS, profile, what, file.as_uri()],
        capture_output=True, timeout=180, check=True,
    )  # fmt: skip
    return run.stdout


def _sees_files(browser):
    """One from a snap sees no file of a temporary folder."""
    return not browser.startswith("/snap/")


def result_of(page, script, folder):
    """Runs a script at the end of a page; returns the text that it leaves in `result`.

    A content security policy of the page stays in force; the script is added to it.
    """
    body = "const result = [];\n" + script
    body += "\nconst out = document.createElement('pre'); out.id = 'result';"
    body += "out.textContent = result.join('\\n'); document.body.append(out);"
    digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
    allowed = page.replace("script-src ", f"script-src 'sha256-{digest}' ")
    dumped = dump(allowed.replace("</body>", f"<script>{body}</script></body>"), folder)
    return re.search(r'<pre id="result">(.*?)</pre>', dumped, re.DOTALL).group(1)
