import Measurement
import TestSupport
import Testing

@testable import Transport

/// Frames in any order, spoilt and not, as a client could send them to the server's HTTP/2.
@Suite struct HTTP2FuzzTests {
  /// Whole exchanges, from behind the client's preface on.
  static let seeds: [[UInt8]] = [
    Frames.headers(1, Frames.post + [("content-length", "3")], end: false) + Frames.data(1, "abc") + Frames.ping(),
    Frames.headers(1, Frames.get) + Frames.headers(3, Frames.get) + Frames.reset(1) + Frames.update(0, 9),
    Frames.frame(1, stream: 1, Frames.block(Frames.get))
      + Frames.frame(9, flags: 5, stream: 1, Frames.block([("a", "b")])),
    Frames.setting(4, 0) + Frames.headers(1, Frames.get) + Frames.update(1, 7) + Frames.setting(4, 1 << 20),
    Frames.headers(1, [(":method", "CONNECT"), (":authority", "a:1")], end: false) + Frames.data(1, "x"),
    Frames.headers(1, Frames.post + [("expect", "100-continue")], end: false) + Frames.data(1, "x")
      + Frames.headers(3, Frames.post, end: false) + Frames.data(3, "y", end: false) + Frames.headers(3, [("t", "u")]),
  ]

  /// A single frame of a random kind, mostly of a stream that fits it.
  ///
  /// - Parameter last: the stream opened last; -1 before the first.
  static func frame(_ mutator: inout Mutator, last: inout Int) -> [UInt8] {
    let isEnd = mutator.choice(2) == 0
    let isWild = mutator.choice(16) == 0
    let wild = UInt32([0, 2, 7, 101][mutator.choice(4)])
    let kind = last < 0 ? mutator.choice(3) : mutator.choice(14)
    if kind < 3 { last += 2 }
    let open = kind < 3 ? last : 2 * mutator.choice((last + 1) / 2) + 1
    let stream = isWild ? wild : UInt32(open)
    switch kind {
    case 0, 1: return Frames.headers(stream, Frames.get, end: isEnd)
    case 2: return Frames.headers(stream, Frames.post + [("content-length", "4")], end: false)
    case 3, 4, 5: return Frames.data(stream, ["", "ab", "abcd", "too long"][mutator.choice(4)], end: isEnd)
    case 6: return Frames.reset(stream, code: UInt32(mutator.choice(16)))
    case 7: return Frames.update(stream, UInt32([1, 9, 65_535, isWild ? 0 : 2][mutator.choice(4)]))
    case 8: return Frames.update(0, UInt32([1, 9, 65_535, 0x7FFF_FFFF][mutator.choice(isWild ? 4 : 3)]))
    case 9:
      return Frames.setting(UInt8([1, 3, 4, 6, 77][mutator.choice(5)]), UInt32([0, 1, 16_384][mutator.choice(3)]))
    case 10: return Frames.frame(2, stream: stream, [0, 0, 0, UInt8(mutator.choice(8)), 9])
    case 11: return Frames.ping()
    case 12: return Frames.headers(stream, [("t", "u")])
    default:
      return Frames.frame(
        UInt8(isWild ? mutator.choice(16) : 10 + mutator.choice(90)), flags: UInt8(mutator.choice(64)), stream: stream,
        [UInt8](repeating: UInt8(mutator.choice(256)), count: mutator.choice(12)))
    }
  }

  static func frames(_ mutator: inout Mutator) -> [UInt8] {
    var last = -1
    return (0...mutator.choice(12)).flatMap { _ in frame(&mutator, last: &last) }
  }

  static func input(_ mutator: inout Mutator) -> [UInt8] {
    switch mutator.choice(3) {
    case 0: return mutator.input(from: seeds)
    case 1: return frames(&mutator)
    default: return mutator.input(from: [frames(&mutator)])
    }
  }

  @Test func framesInAnyOrderAreAnsweredInFrames() {
    var mutator = Mutator(seed: Fuzzing.seed, tokens: Self.seeds)
    var requests = 0
    var (refused, cancelled) = (0, 0)
    for _ in 0..<Fuzzing.inputs {
      let input = Frames.opening + Self.input(&mutator)
      // Every kind of answer is among those that the frames meet.
      let server = ScriptedServer { request, answer in
        answer.append(request.body)
        switch request.ordinal % 5 {
        case 1: answer.delivery = .truncate(afterBytes: 60)
        case 2: answer.delivery = .reset(afterBytes: 60)
        case 3: answer.delivery = .never
        case 4: answer.notBefore = request.receivedAt + .seconds(1)
        default: break
        }
      }
      let slot = server.connect(pieces: 1 + mutator.choice(200), isHTTP2Agreed: mutator.choice(2) == 0)
      let cut = mutator.choice(input.count + 1)
      server.send(slot, input[..<cut])
      server.pass(.seconds(1))
      server.send(slot, input[cut...])
      server.pass(.seconds(1))
      let trace = FrameTrace(server.wires[slot]?.bytes ?? [])
      if !trace.rest.isEmpty { Issue.record("half a frame is left: \(Fuzzing.shown(input))") }
      let counts = server.core.counts
      requests += counts.http2.requests
      refused += counts.refusedStreams + counts.refusedSessions
      cancelled += counts.cancelledStreams
      server.leave(slot, isGone: true)
      server.pass(.seconds(1))
      if !server.core.isEmpty { Issue.record("a connection is left: \(Fuzzing.shown(input))") }
    }
    // The inputs reach what lies behind the checks, and the checks too.
    #expect(requests > Fuzzing.inputs / 4)
    #expect(refused > Fuzzing.inputs / 10)
    #expect(cancelled > Fuzzing.inputs / 100)
  }
}
