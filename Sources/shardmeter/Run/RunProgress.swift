import Dispatch
import LoadDriver
import Measurement
import Observations
import RunResults
import Synchronization

/// Shows how a run goes: live lines or a log on standard error, and a line when somebody asks.
final class RunProgress: RunObserver {
  private struct State {
    var meter: ProgressMeter
    var display: ProgressDisplay
    var clock: RunClock?
    var ticker: Ticker?
  }

  private let mode: ProgressMode
  private let queue = DispatchQueue(label: "shardmeter.progress", target: .global())
  private let state: Mutex<State>

  /// A display that is blank until the run begins.
  init(_ meter: ProgressMeter, mode: ProgressMode, output: any TextOutput) {
    self.mode = mode
    state = Mutex(State(meter: meter, display: ProgressDisplay(mode: mode, output: output)))
  }

  func began(_ clock: RunClock) {
    let ticker = mode.interval.map { interval in
      Ticker(every: interval) { [weak self] in self?.tick() }
    }
    state.withLock { state in
      state.clock = clock
      state.ticker = ticker
    }
  }

  func took(_ delivery: FinishedSeconds, from worker: Int) {
    state.withLock { $0.meter.accept(delivery, from: worker) }
  }

  func warned(_ text: String) {
    queue.async { [self] in state.withLock { $0.display.warn(text) } }
  }

  /// One line now, in every mode; nothing before the run begins.
  func answer() {
    state.withLock { state in
      guard let clock = state.clock else { return }
      state.display.answer(state.meter.snapshot(at: clock.now()))
    }
  }

  /// Takes live lines off the screen; nothing is shown after that.
  func end() {
    let ticker = state.withLock { $0.ticker }
    ticker?.cancel()
    queue.sync {}
    state.withLock { state in
      state.clock = nil
      state.display.erase()
    }
  }

  private func tick() {
    state.withLock { state in
      guard let clock = state.clock else { return }
      state.display.show(state.meter.snapshot(at: clock.now()))
    }
  }
}
