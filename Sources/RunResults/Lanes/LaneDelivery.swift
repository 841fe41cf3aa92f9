/// What a lane hands over during the run: the seconds that will not change any more.
package struct LaneDelivery: Sendable {
  /// Slices of finished seconds, in no particular order.
  package var slices: [SecondSlice]
  /// The worker's health in finished seconds.
  package var health: [HealthSecond]
  /// Every second before this one is finished.
  package var completeBefore: Int
}
