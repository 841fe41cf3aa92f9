"""The HTML report in a real browser: drawn, complete, quiet, at both widths and in both colour schemes."""

import os
import pathlib

import pytest
from chromium import Chromium
from harness import Result, scenario
from PIL import Image

VIEWS = [(width, dark) for width in (1400, 390) for dark in (False, True)]
NAMES = [f"{width}-{'dark' if dark else 'light'}" for width, dark in VIEWS]


@pytest.fixture(scope="module")
def result(tool, tmp_path_factory):
    """A run with a throttled shard, a failed threshold and a key that is an attack on the page."""
    folder = tmp_path_factory.mktemp("page")
    path = scenario(
        folder,
        "browser",
        stream={"name": "orders", "shards": 8},
        records__key={"type": "constant", "value": "<script>document.title='x'</script>"},
        phases=[
            {"name": "warm-up", "duration": "1s", "rate": 200, "measure": False},
            {"name": "rise", "duration": "4s", "rate": {"type": "line", "from": 500, "to": 4000}},
            {"name": "fall", "duration": "2s", "rate": 300},
        ],
        thresholds=[{"metric": "throttle.ratio", "max": "1%"}, {"metric": "response.p99", "max": "10s"}],
    )
    done = tool("run", path, "--run-dir", folder / "out")
    assert done.returncode in (3, 5), done.stdout + done.stderr
    return Result(folder / "out")


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    one = Chromium(tmp_path_factory.mktemp("profile"))
    yield one
    one.close()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Where screenshots go: PICTURES when set, to look at them."""
    folder = os.environ.get("PICTURES")
    if folder is None:
        return tmp_path_factory.mktemp("pictures")
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    return pathlib.Path(folder).resolve()


@pytest.mark.parametrize("width, dark", VIEWS, ids=NAMES)
def test_page_is_drawn_without_complaint(result, browser, pictures, width, dark):
    page = result.folder / "report.html"
    browser.open(page.as_uri(), width, dark=dark)
    assert browser.complaints() == []
    assert browser.requests() == [page.as_uri()]
    assert browser.evaluate("document.documentElement.scrollWidth") <= width
    assert browser.evaluate("document.title").startswith("✗")
    assert browser.evaluate("document.querySelectorAll('svg').length") >= 3

    picture = pictures / f"report-{width}-{'dark' if dark else 'light'}.png"
    browser.screenshot(picture)
    with Image.open(picture) as image:
        pixels = image.convert("RGB")
        background = pixels.getpixel((2, 2))
        assert (sum(background) < 3 * 64) == dark
        assert pixels.width == width
        # Not blank: neither as a whole nor in any screenful, so no chart is missing.
        for top in range(0, pixels.height - 450, 450):
            part = pixels.crop((0, top, width, top + 450))
            colours = part.getcolors(maxcolors=1 << 20)
            assert len(colours) > 8, (top, colours)


@pytest.mark.parametrize("width", [900, 1000, 1100, 1150])
def test_page_does_not_scroll_sideways(result, browser, pictures, width):
    browser.open((result.folder / "report.html").as_uri(), width)
    assert browser.evaluate("document.documentElement.scrollWidth <= innerWidth")
    browser.screenshot(pictures / f"report-{width}.png")


@pytest.mark.parametrize("width", [1400, 390])
def test_page_is_complete_with_scripts_off(result, browser, width):
    browser.open((result.folder / "report.html").as_uri(), width)
    with_scripts = browser.call("Page.getLayoutMetrics")["cssContentSize"]
    browser.open((result.folder / "report.html").as_uri(), width, scripts=False)
    without = browser.call("Page.getLayoutMetrics")["cssContentSize"]
    assert without["width"] <= width
    assert without["height"] >= 0.9 * with_scripts["height"]


def test_foreign_text_stays_text(result, browser):
    browser.open((result.folder / "report.html").as_uri(), 1400)
    assert browser.evaluate("document.title") != "x"
    assert "<script>document.title" in browser.evaluate("document.body.innerText")


def test_page_keeps_its_size(result):
    assert (result.folder / "report.html").stat().st_size <= 250_000


def test_ids_are_unique_and_drawings_have_names(result, browser):
    browser.open((result.folder / "report.html").as_uri(), 1400)
    assert browser.evaluate(
        "(() => { const ids = [...document.querySelectorAll('[id]')].map(e => e.id);"
        " return ids.length - new Set(ids).size; })()"
    ) == 0
    assert browser.evaluate(
        "[...document.querySelectorAll('svg[role=img]')].every(e => e.querySelector('title')?.textContent)"
    )
    assert browser.evaluate("[...document.querySelectorAll('th')].every(e => e.scope)")
