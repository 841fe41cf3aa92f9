import Dispatch
import Glibc
import Synchronization
import Testing

@testable import shardmeter

@Suite(.serialized) struct StopSignalsTests {
  @Test(
    arguments: [
      ([], []), ([.interrupt], [.drain]), ([.terminate], [.drain]), ([.interrupt, .interrupt], [.drain, .leave]),
      ([.terminate, .interrupt], [.drain, .leave]),
      ([.user, .interrupt, .user, .terminate], [.progress, .drain, .progress, .leave]),
    ] as [([StopSignals.Signal], [StopSignals.Request])])
  func theFirstDrainsTheSecondLeaves(signals: [StopSignals.Signal], expected: [StopSignals.Request]) {
    var state = StopSignals()
    #expect(signals.map { state.receive($0) } == expected)
  }

  @Test func signalsOfTheProcessReachTheHandlerInOrder() {
    let heard = Mutex<[StopSignals.Request]>([])
    let arrived = DispatchSemaphore(value: 0)
    let watch = SignalWatch { request in
      heard.withLock { $0.append(request) }
      arrived.signal()
    }
    for signal in [SIGUSR1, SIGINT, SIGTERM] {
      kill(getpid(), signal)
      #expect(arrived.wait(timeout: .now() + .seconds(20)) == .success)
    }
    watch.cancel()
    #expect(heard.withLock { $0 } == [.progress, .drain, .leave])
  }
}
