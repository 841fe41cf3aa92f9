"""The test of `compare` once more, in numpy: joint sign-flips of whole pairs, enumerated, with step-down max-T."""

import itertools

import numpy

LEVEL = 0.05
TIE = 1e-9


def signings(pairs):
    """Every way to sign the pairs, a row each."""
    return numpy.array(list(itertools.product([1.0, -1.0], repeat=pairs)))


def statistic(d):
    """|mean d| / sqrt(mean d^2) along the last axis; 0 where every difference is 0."""
    square = numpy.sqrt((d**2).mean(axis=-1))
    return numpy.divide(numpy.abs(d.mean(axis=-1)), square, out=numpy.zeros_like(square), where=square > 0)


def adjusted(series):
    """p of each metric by name, corrected for their number (Westfall and Young); metrics that are all zero have none."""
    live = {name: d for name, d in series.items() if numpy.any(d != 0)}
    if not live:
        return {}
    signs = signings(len(next(iter(live.values()))))
    flipped = {name: statistic(signs * d) for name, d in live.items()}
    order = sorted(live, key=lambda name: -statistic(live[name]))
    found, least = {}, 0.0
    for place, name in enumerate(order):
        largest = numpy.max([flipped[other] for other in order[place:]], axis=0)
        least = max(least, float(numpy.mean(largest >= statistic(live[name]) - TIE)))
        found[name] = least
    return found


def refuses(d, change):
    """Whether the test of one metric refuses that it changed by so much."""
    shifted = d - change
    if not numpy.any(shifted):
        return False
    return float(numpy.mean(statistic(signings(len(d)) * shifted) >= statistic(shifted) - TIE)) <= LEVEL


def single(d):
    """p of one metric in many trials at once, a row each: statistics are linear in the sums, so one product makes all."""
    pairs = d.shape[-1]
    sums = numpy.abs(d @ signings(pairs).T)
    return (sums >= numpy.abs(d.sum(axis=-1))[:, None] - 1e-12).mean(axis=-1)
