"""Fixtures of the tests that look at the built program from outside."""

import accounting
import conformance
import pytest
from harness import MotoServer, Target, Tool


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="run the tests that take minutes")


def pytest_terminal_summary(terminalreporter):
    for line in (*accounting.table(), *conformance.lines()):
        terminalreporter.write_line(line)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    if report.when == "call" or report.failed:
        conformance.note(item, report.passed)
    return report


def pytest_collection_modifyitems(config, items):
    if config.getoption("--long"):
        return
    for item in items:
        if "long" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="runs with --long"))


@pytest.fixture(scope="session")
def tool():
    """The program under test."""
    return Tool()


@pytest.fixture
def target(tool):
    """Starts embedded targets; all end with the test."""
    started = []

    def start(*options, **more):
        one = Target(tool, *options, **more)
        started.append(one)
        return one

    yield start
    for one in started:
        one.stop()


@pytest.fixture(scope="module")
def moto():
    """Another implementation of Kinesis, in a process of its own."""
    server = MotoServer()
    yield server
    server.stop()
