/// Where the service itself listens, derived from a region or from a stream's ARN.
///
/// Source: the service's endpoint rules (botocore `data/kinesis/2013-12-02/endpoint-rule-set-1.json`), without their FIPS
/// and dual-stack variants.
package struct ServiceAddress: Hashable, Sendable {
  /// For PutRecords, GetShardIterator and GetRecords.
  package let data: String
  /// For all other operations.
  package let control: String

  /// The address of a region: one for everything.
  ///
  /// - Throws: ``ServiceAddressFailure/region(_:)``, since what is no region must not become part of a host name.
  package init(region: String) throws(ServiceAddressFailure) {
    guard Self.isLabel(region) else { throw .region(region) }
    data = "https://kinesis.\(region).\(Partition(region: region).domain)"
    control = data
  }

  /// The addresses that SDKs use with a stream's ARN: the account's own, apart for data and control.
  package init(arn: StreamARN) throws(ServiceAddressFailure) {
    guard Self.isLabel(arn.region) else { throw .region(arn.region) }
    let partition = Partition(region: arn.region)
    guard arn.partition == partition.rawValue else {
      throw .partition(arn.partition, region: arn.region, expected: partition.rawValue)
    }
    let rest = "kinesis.\(arn.region).\(partition.domain)"
    data = "https://" + (partition.hasAccountHosts ? "\(arn.account).data-" : "") + rest
    control = "https://" + (partition.hasAccountHosts ? "\(arn.account).control-" : "") + rest
  }

  /// Whether a text can be one label of a host name (RFC 1123 section 2.1), as all regions are.
  private static func isLabel(_ text: String) -> Bool {
    (1...63).contains(text.utf8.count) && text.first != "-" && text.last != "-"
      && text.utf8.allSatisfy {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
          || $0 == UInt8(ascii: "-")
      }
  }
}

/// Why no address can be derived.
package enum ServiceAddressFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// A text that is no region.
  case region(String)
  /// An ARN whose partition is not its region's.
  case partition(String, region: String, expected: String)

  package var description: String {
    switch self {
    case .region(let text): "expected a region such as eu-west-1, found \"\(text)\""
    case .partition(let found, let region, let expected):
      "region \(region) belongs to partition \(expected), the ARN says \(found)"
    }
  }
}
