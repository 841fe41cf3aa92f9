import Glibc

/// The integrated rate of a phase, and its inverse: how many records are due by a time, and when a number is reached.
///
/// All forms are closed, so the millionth second costs no more than the first and counts stay exact for hours. Times are
/// nanoseconds since the phase's start.
struct RateCurve: Sendable {
  private enum Form: Sendable {
    case constant(rate: Double)
    case line(from: Double, to: Double)
    /// Pieces of constant rate that repeat: the piece's end and the integral there, within one cycle.
    case pieces(ends: [Int64], rates: [Double], integrals: [Double])
    case sine(mean: Double, amplitude: Double, period: Double)
    /// A staircase: one step up at each record's time.
    case trace(TraceWindow)
  }

  private let form: Form
  /// Nanoseconds.
  let duration: Int64
  /// Records in all: floor(L(T) + 1/2).
  let count: UInt64

  /// Creates the curve of an open phase.
  ///
  /// - Parameters:
  ///   - rule: any rate but `max`, which has no schedule.
  ///   - duration: of the phase, nanoseconds.
  ///   - scale: factor on every rate: 1 / mean bytes of a record where rates are bytes/s.
  init(_ rule: RateRule, duration: Int64, scale: Double = 1) {
    let form: Form
    switch rule {
    case .constant(let rate):
      form = .constant(rate: rate * scale)
    case .line(let from, let to) where from == to:
      form = .constant(rate: from * scale)
    case .line(let from, let to):
      form = .line(from: from * scale, to: to * scale)
    case .steps(let values, let each):
      form = Self.pieces(values.map { (each, $0 * scale) })
    case .sine(let mean, let amplitude, let period):
      form = .sine(mean: mean * scale, amplitude: amplitude * scale, period: Double(period))
    case .square(let low, let high, let period, let duty):
      let highTime = Int64((Double(period) * duty).rounded())
      form = Self.pieces([(highTime, high * scale), (period - highTime, low * scale)])
    case .trace(let window):
      form = .trace(window)
    case .max:
      preconditionFailure("a closed phase has no schedule")
    }
    self.form = form
    self.duration = duration
    count = UInt64((Self.integral(form, Double(duration), duration) + 0.5).rounded(.down))
  }

  private static func pieces(_ pieces: [(length: Int64, rate: Double)]) -> Form {
    var ends: [Int64] = []
    var rates: [Double] = []
    var integrals: [Double] = []
    var end: Int64 = 0
    var integral = 0.0
    for piece in pieces where piece.length > 0 {
      end += piece.length
      integral += piece.rate * Double(piece.length) / 1e9
      ends.append(end)
      rates.append(piece.rate)
      integrals.append(integral)
    }
    return .pieces(ends: ends, rates: rates, integrals: integrals)
  }

  /// Records due before a time, as a real number. O(1); O(log steps) for steps; O(log records) for a trace.
  func integral(at time: Double) -> Double { Self.integral(form, time, duration) }

  /// The mean rate in records/s.
  var mean: Double { integral(at: Double(duration)) / (Double(duration) / 1e9) }

  private static func integral(_ form: Form, _ time: Double, _ duration: Int64) -> Double {
    switch form {
    case .constant(let rate):
      return rate * time / 1e9
    case .line(let from, let to):
      return time / 1e9 * (from + (to - from) / 2 * (time / Double(duration)))
    case .pieces(let ends, let rates, let integrals):
      guard let cycle = ends.last, let whole = integrals.last else { return 0 }
      let cycles = (time / Double(cycle)).rounded(.down)
      let within = time - cycles * Double(cycle)
      let piece = min(firstIndex(in: ends.count) { Double(ends[$0]) > within }, ends.count - 1)
      let before = piece == 0 ? 0 : integrals[piece - 1]
      let start = piece == 0 ? 0 : Double(ends[piece - 1])
      return cycles * whole + before + rates[piece] * (within - start) / 1e9
    case .sine(let mean, let amplitude, let period):
      let turns = time / period
      let angle = 2 * Double.pi * (turns - turns.rounded(.down))
      return (mean * time + amplitude * period / (2 * Double.pi) * (1 - cos(angle))) / 1e9
    case .trace(let window):
      return Double(window.count(before: Int64(time)))
    }
  }

  /// The time at which the integral reaches a value, in whole nanoseconds, within `0..<duration`.
  ///
  /// - Complexity: O(1); O(log steps) for steps; a few Newton steps for sine.
  func time(reaching value: Double) -> Int64 {
    let time: Double
    switch form {
    case .constant(let rate):
      time = value * 1e9 / rate
    case .line(let from, let to):
      // Root of slope/2·t² + from·t = value in the form that does not cancel; t in seconds.
      let seconds = Double(duration) / 1e9
      let slope = (to - from) / seconds
      let inner = from * from + 2 * slope * value
      time = 2 * value / (from + max(inner, 0).squareRoot()) * 1e9
    case .pieces(let ends, let rates, let integrals):
      guard let cycle = ends.last, let whole = integrals.last, whole > 0 else { return 0 }
      var cycles = (value / whole).rounded(.down)
      var within = value - cycles * whole
      if within <= 0, cycles > 0 {
        cycles -= 1
        within += whole
      }
      let piece = min(Self.firstIndex(in: ends.count) { integrals[$0] >= within }, ends.count - 1)
      let before = piece == 0 ? 0 : integrals[piece - 1]
      let start = piece == 0 ? 0 : Double(ends[piece - 1])
      time = cycles * Double(cycle) + start + (within - before) * 1e9 / rates[piece]
    case .sine(let mean, let amplitude, let period):
      time = sineTime(reaching: value, mean: mean, amplitude: amplitude, period: period)
    case .trace(let window):
      return window.due(UInt64(value))
    }
    // NaN cannot occur: a value is only asked for below the whole integral, which is 0 when all rates are.
    return min(max(Int64(time), 0), duration - 1)
  }

  /// Newton's method kept inside a bracket: the rate may touch zero, where Newton alone would leap away.
  private func sineTime(reaching value: Double, mean: Double, amplitude: Double, period: Double) -> Double {
    let swing = amplitude * period / Double.pi / 1e9
    var low = max(0, (value - swing) / mean * 1e9)
    var high = min(Double(duration), value / mean * 1e9)
    if integral(at: high) < value { high = Double(duration) }
    var time = (low + high) / 2
    for _ in 0..<64 {
      let difference = integral(at: time) - value
      if difference >= 0 { high = time } else { low = time }
      if high - low <= 0.25 { break }
      let rate = (mean + amplitude * sin(2 * Double.pi * time / period)) / 1e9
      let next = time - difference / rate
      if abs(next - time) < 0.01, rate > 0 { return next }
      time = next > low && next < high ? next : (low + high) / 2
    }
    return time
  }

  /// The first index that satisfies a monotone condition, or `count`.
  private static func firstIndex(in count: Int, where condition: (Int) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if condition(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
