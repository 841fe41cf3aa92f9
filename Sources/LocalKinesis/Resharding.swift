import Kinesis

/// One step of a change of shards, of the only two kinds there are.
package enum ReshardStep: Sendable, Equatable {
  /// Closes shard `number`; its two children begin at its own start and at `newStart`.
  case split(number: Int, newStart: UInt128)
  /// Closes two neighbours, the lower range first, into one child.
  case merge(lower: Int, upper: Int)
}

/// Plans changes of shards and applies them to a list of descriptions. Pure.
package enum Resharding {
  /// Applies one step: closes the parents and appends the children.
  ///
  /// - Parameter milliseconds: the instant, since the epoch; children are created a second later.
  package static func apply(_ step: ReshardStep, to shards: inout [ShardDescription], at milliseconds: Int64) {
    let created = milliseconds / 1000 + 1
    switch step {
    case .split(let number, let newStart):
      let parent = shards[number]
      close(number, in: &shards, at: milliseconds)
      for range in [
        HashKeyRange(start: parent.range.start, end: newStart - 1),
        HashKeyRange(start: newStart, end: parent.range.end),
      ] {
        shards.append(
          ShardDescription(
            number: shards.count, range: range, parentID: parent.id, adjacentParentID: nil, createdSeconds: created,
            openedMilliseconds: milliseconds, closedMilliseconds: nil))
      }
    case .merge(let lower, let upper):
      let range = HashKeyRange(start: shards[lower].range.start, end: shards[upper].range.end)
      close(lower, in: &shards, at: milliseconds)
      close(upper, in: &shards, at: milliseconds)
      shards.append(
        ShardDescription(
          number: shards.count, range: range, parentID: shards[lower].id, adjacentParentID: shards[upper].id,
          createdSeconds: created, openedMilliseconds: milliseconds, closedMilliseconds: nil))
    }
  }

  /// A shard that is closed the moment it is made, as the inner steps of an uneven change are, ends a second later: its
  /// end must not come before its beginning. It never was open.
  private static func close(_ number: Int, in shards: inout [ShardDescription], at milliseconds: Int64) {
    if shards[number].openedMilliseconds == milliseconds {
      shards[number].openedMilliseconds = shards[number].createdMilliseconds
    }
    shards[number].closedMilliseconds = max(milliseconds, shards[number].createdMilliseconds)
  }

  /// `target` even ranges, where a boundary within rounding of one that is there already is that one: doubling three
  /// shards splits each in two, although twice a sixth of all hash keys, rounded down, is one less than a third.
  ///
  /// - Parameter starts: the boundaries there are, ascending, from 0.
  private static func evenRanges(count target: Int, near starts: [UInt128]) -> [HashKeyRange] {
    let tolerance = UInt128(max(target, starts.count))
    var place = 0
    let even = HashKeyRange.even(count: target).map { range in
      while place + 1 < starts.count, starts[place].addingSaturated(tolerance) < range.start { place += 1 }
      let distance = max(starts[place], range.start) - min(starts[place], range.start)
      return distance <= tolerance ? starts[place] : range.start
    }
    return even.indices.map { index in
      HashKeyRange(start: even[index], end: index + 1 < even.count ? even[index + 1] - 1 : .max)
    }
  }

  /// The steps from the open shards to `target` even ranges: every boundary that is missing is made by a split, every
  /// one too many is removed by a merge. Shards that already fit are left alone; uneven parents need no special case.
  ///
  /// O(shards). The steps use the numbers their children will get when applied in order.
  package static func steps(from shards: [ShardDescription], to target: Int) -> [ReshardStep] {
    var next = shards.count
    var steps: [ReshardStep] = []
    let open = shards.filter { $0.closedMilliseconds == nil }.sorted { $0.range.start < $1.range.start }
    let ranges = evenRanges(count: target, near: open.map(\.range.start))

    // Every piece between two boundaries, old or new, in order of range.
    var pieces: [(number: Int, range: HashKeyRange)] = []
    var rangeIndex = 0
    for shard in open {
      var rest = (number: shard.number, range: shard.range)
      while rangeIndex < ranges.count, ranges[rangeIndex].start <= rest.range.start { rangeIndex += 1 }
      while rangeIndex < ranges.count, ranges[rangeIndex].start <= rest.range.end {
        let cut = ranges[rangeIndex].start
        steps.append(.split(number: rest.number, newStart: cut))
        pieces.append((next, HashKeyRange(start: rest.range.start, end: cut - 1)))
        rest = (next + 1, HashKeyRange(start: cut, end: rest.range.end))
        next += 2
        rangeIndex += 1
      }
      pieces.append(rest)
    }

    var index = 0
    for range in ranges {
      var merged: Int?
      while index < pieces.count, pieces[index].range.end <= range.end {
        if let lower = merged {
          steps.append(.merge(lower: lower, upper: pieces[index].number))
          merged = next
          next += 1
        } else {
          merged = pieces[index].number
        }
        index += 1
      }
    }
    return steps
  }
}
