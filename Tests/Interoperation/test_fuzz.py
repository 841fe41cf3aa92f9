"""Hostile requests of every operation, in JSON and in CBOR: see fuzzing.py."""

import fuzzing


def test_hostile_requests_are_answered_and_the_target_lives(target):
    one = target(*fuzzing.OPTIONS)
    statuses = fuzzing.fuzz(one.endpoint, 20_000)
    print(statuses)
    # Both kinds of answer are among them: the requests reach what lies behind the checks, too.
    assert statuses[200] > 1000 and statuses[400] > 1000
    assert one.process.poll() is None
    # An honest end, with nothing said in between.
    assert one.stop() == 0 and one.errors == ""
