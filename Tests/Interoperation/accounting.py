"""The accounts of a run against a target that fails, and the table of all such runs of a session."""

from harness import Result, scenario

ENDS = ("accepted", "gave_up", "expired", "skipped", "unfinished")
OUTCOMES = ("accepted", "throttled", "fault", "unknown")
PLANNED = 400
TABLE = []
# Further lines for the end of pytest's output.
NOTES = []


def check(result, title, duration=1):
    """What holds in every run whatever failed: the identity, equal sums between files, a row for every failed record, and
    a schedule of so many seconds that went on as planned."""
    summary = result.summary
    records, requests = summary["records"], summary["requests"]
    assert summary["checks"]["identity_holds"] is True
    assert records["planned"] == PLANNED == sum(records[end] for end in ENDS), records
    assert records["attempted"] == sum(records[outcome] for outcome in OUTCOMES), records
    seconds, shards, phases = (result.csv(f"{name}.csv") for name in ("timeseries", "shards", "phases"))
    for name in (*ENDS, *OUTCOMES, "planned", "attempted", "first_try"):
        column = f"{name}_records"
        assert int(seconds[column].sum()) == records[name], column
        assert int(phases[phases.phase == "all"][column].iloc[0]) == records[name], column
        if column in shards:
            assert int(shards[column].sum()) == records[name], column
    errors = result.csv("errors.csv")
    by_level = errors.groupby("level")["count"].sum().to_dict()
    assert by_level.get("record", 0) == sum(records[outcome] for outcome in OUTCOMES[1:]), errors
    assert by_level.get("transport", 0) == requests["transport_errors"], errors
    by_second = seconds.groupby("t_s").planned_records.sum()
    assert by_second[by_second > 0].to_dict() == {second: PLANNED // duration for second in range(duration)}
    page = (result.folder / "report.html").read_text()
    for code in set(errors.code):
        assert code in page, f"{code} is not in the report"
    rows = [f"{row.code} x{row.count}" for row in errors.itertuples() if row.level != "record"]
    rows += [f"{row.code} x{row.count} (records)" for row in errors.itertuples() if row.level == "record" and not rows]
    TABLE.append((title, *(records[name] for name in ("planned", *ENDS)), ", ".join(rows), summary["exit_code"]))
    return errors


def run(tool, tmp_path, endpoint, *words, env=None, **changes):
    """400 records in a second, in requests of ten."""
    path = scenario(
        tmp_path,
        "failing",
        **{
            "stream": {"name": "orders", "shards": 1},
            "batch": {"records": 10, "linger": "50ms"},
            "client": {"producers": 2, "connections": 4, "timeout": "5s"},
            "phases": [{"name": "steady", "duration": "1s", "rate": PLANNED}],
        }
        | changes,
    )
    done = tool("run", path, "--target", endpoint, "--run-dir", tmp_path / "run", *words, env=env)
    assert "internal error" not in done.stderr and "Fatal" not in done.stderr, done.stderr
    return done


def table():
    """The lines of the table: planned = accepted + gave up + expired + skipped + unfinished in each row, as `check` saw."""
    yield from NOTES
    if not TABLE:
        return
    yield f"{'failure':42} {'planned':>7} {'accepted':>8} {'gave up':>7} {'expired':>7} {'skipped':>7} {'unfin.':>6}  exit  requests in errors.csv"
    for title, planned, *ends, rows, code in TABLE:
        numbers = " ".join(f"{end:>{width}}" for end, width in zip(ends, (8, 7, 7, 7, 6)))
        yield f"{title:42} {planned:>7} {numbers}  {code:>4}  {rows or '-'}"
