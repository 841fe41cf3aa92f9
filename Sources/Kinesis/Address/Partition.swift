/// A part of AWS with its own names: which regions belong to it and what their host names end in.
///
/// Source: the SDKs' shared table (botocore `data/partitions.json`).
package enum Partition: String, CaseIterable, Sendable {
  case china = "aws-cn"
  case europeanSovereignCloud = "aws-eusc"
  case iso = "aws-iso"
  case isoB = "aws-iso-b"
  case isoE = "aws-iso-e"
  case isoF = "aws-iso-f"
  case usGov = "aws-us-gov"
  /// All regions that no other partition has: new ones appear here.
  case standard = "aws"

  /// What the partition's regions begin with; empty for the standard one.
  private var regionPrefix: String {
    switch self {
    case .standard: ""
    case .china: "cn-"
    case .europeanSovereignCloud: "eusc-"
    case .iso: "us-iso-"
    case .isoB: "us-isob-"
    case .isoE: "eu-isoe-"
    case .isoF: "us-isof-"
    case .usGov: "us-gov-"
    }
  }

  /// What its host names end in.
  var domain: String {
    switch self {
    case .standard, .usGov: "amazonaws.com"
    case .china: "amazonaws.com.cn"
    case .europeanSovereignCloud: "amazonaws.eu"
    case .iso: "c2s.ic.gov"
    case .isoB: "sc2s.sgov.gov"
    case .isoE: "cloud.adc-e.uk"
    case .isoF: "csp.hci.ic.gov"
    }
  }

  /// Whether Kinesis has host names by account there (the service's endpoint rules leave these two out).
  var hasAccountHosts: Bool { self != .iso && self != .isoB }

  /// The partition of a region.
  init(region: String) {
    self = Self.allCases.first { region.hasPrefix($0.regionPrefix) } ?? .standard
  }
}
