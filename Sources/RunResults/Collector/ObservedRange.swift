/// What a threshold's metric came to: the highest and the lowest value found, which are one where there was one to find.
package struct ObservedRange: Sendable {
  package private(set) var highest: Observed?
  package private(set) var lowest: Observed?
  /// Shards with fewer samples than the threshold wants.
  package var shardsLeftOut = 0
  /// Why there is no value, where that is known beforehand.
  package var reason: String?

  /// Nothing found.
  package init() {}

  /// Takes another value.
  package mutating func note(_ observed: Observed) {
    if highest.map({ observed.value > $0.value }) ?? true { highest = observed }
    if lowest.map({ observed.value < $0.value }) ?? true { lowest = observed }
  }
}
