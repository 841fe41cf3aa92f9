// swift-tools-version: 6.2
import PackageDescription

/// `SHARDMETER_REVISION=$(git rev-parse --short HEAD) swift build` tells the program which commit it is; `scripts/` do so.
/// Asking git from here would be wrong: SwiftPM keeps a manifest's answer until the manifest or the environment changes.
let revision = Context.environment["SHARDMETER_REVISION"] ?? ""

/// The modules, lowest layer first. A target imports only from layers below its own; `scripts/test` builds with
/// `--explicit-target-dependency-import-check error`, so an undeclared import does not compile.
let package = Package(
  name: "shardmeter",
  products: [.executable(name: "shardmeter", targets: ["shardmeter"])],
  dependencies: [],
  targets: [
    // Layer 0: no knowledge of each other.
    .target(name: "CBuild", cSettings: [.define("SHARDMETER_REVISION", to: "\"\(revision)\"")]),
    .target(name: "CLinux"),
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CNGHTTP2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
    .target(name: "Measurement"),
    .target(name: "StrictJSON"),

    // Layer 1
    .target(name: "Kinesis", dependencies: ["COpenSSL", "Measurement", "StrictJSON"]),
    .target(
      name: "Transport", dependencies: ["CLinux", "CNGHTTP2", "COpenSSL", "Measurement"], exclude: ["README.md"]),

    // Layer 2
    .target(name: "Scenarios", dependencies: ["Measurement", "Kinesis", "StrictJSON"]),
    .target(name: "Observations", dependencies: ["Measurement", "Kinesis"]),

    // Layer 3
    .target(name: "Producers", dependencies: ["Scenarios", "Observations", "Kinesis", "Measurement"]),
    .target(name: "StreamAccess", dependencies: ["Kinesis", "Transport", "Measurement"]),
    .target(name: "RunResults", dependencies: ["Observations", "Measurement", "Kinesis", "StrictJSON"]),

    // Layer 4: none of these imports another.
    .target(
      name: "LoadDriver",
      dependencies: [
        "Producers", "StreamAccess", "Scenarios", "Kinesis", "Transport", "Observations", "Measurement",
      ]),
    .target(
      name: "LocalKinesis", dependencies: ["Kinesis", "Transport", "Observations", "Measurement", "StrictJSON"],
      exclude: ["README.md"]),
    .target(
      name: "Sizing",
      dependencies: [
        "Producers", "Scenarios", "RunResults", "Observations", "Kinesis", "Measurement", "StrictJSON",
      ]),
    .target(name: "Reporting", dependencies: ["RunResults", "Observations", "Measurement"]),

    // Layer 5
    .executableTarget(
      name: "shardmeter",
      dependencies: [
        "CBuild", "Measurement", "StrictJSON", "Kinesis", "Scenarios", "Transport", "Observations", "Producers",
        "RunResults", "StreamAccess", "LoadDriver", "LocalKinesis", "Sizing", "Reporting",
      ],
      exclude: ["README.md"]),

    // Micro-benchmarks of `scripts/bench`; not part of what is installed.
    .executableTarget(
      name: "Benchmarks",
      dependencies: [
        "Measurement", "Kinesis", "Scenarios", "Transport", "Observations", "RunResults", "Sizing", "Reporting",
      ],
      path: "Tests/Benchmarks/micro"),

    .target(name: "TestSupport", dependencies: ["Measurement"], path: "Tests/TestSupport"),
    .target(name: "CAllocationCount", path: "Tests/CAllocationCount"),
    .testTarget(name: "MeasurementTests", dependencies: ["Measurement", "TestSupport"], exclude: ["Golden"]),
    .testTarget(name: "StrictJSONTests", dependencies: ["StrictJSON", "TestSupport"]),
    .testTarget(name: "KinesisTests", dependencies: ["Kinesis", "COpenSSL", "TestSupport"]),
    .testTarget(
      name: "ScenariosTests", dependencies: ["Scenarios", "Measurement", "Kinesis", "StrictJSON", "TestSupport"],
      exclude: ["Golden"]),
    .testTarget(name: "TransportTests", dependencies: ["Transport", "CNGHTTP2", "Measurement", "TestSupport"]),
    .testTarget(
      name: "RunResultsTests",
      dependencies: ["RunResults", "Observations", "Measurement", "Kinesis", "StrictJSON", "TestSupport"],
      exclude: ["Golden"]),
    .testTarget(
      name: "ProducersTests", dependencies: ["Producers", "Scenarios", "Observations", "Kinesis", "Measurement"]),
    .testTarget(
      name: "SizingTests",
      dependencies: [
        "Sizing", "Producers", "Scenarios", "RunResults", "Observations", "Kinesis", "Measurement", "StrictJSON",
      ]),
    .testTarget(
      name: "StreamAccessTests",
      dependencies: ["StreamAccess", "LocalKinesis", "Kinesis", "Transport", "Measurement", "TestSupport"]),
    .testTarget(
      name: "LoadDriverTests",
      dependencies: [
        "LoadDriver", "Producers", "StreamAccess", "LocalKinesis", "Scenarios", "Kinesis", "Transport", "RunResults",
        "Observations",
        "Measurement", "StrictJSON", "TestSupport", "CAllocationCount",
      ]),
    .testTarget(
      name: "LocalKinesisTests",
      dependencies: [
        "LocalKinesis", "Kinesis", "Transport", "Observations", "Measurement", "StrictJSON", "TestSupport",
      ]),
    .testTarget(
      name: "ReportingTests",
      dependencies: ["Reporting", "RunResults", "Observations", "Measurement", "Kinesis", "TestSupport"],
      exclude: ["Golden"]),
    .testTarget(
      name: "CommandLineTests",
      dependencies: [
        "shardmeter", "Measurement", "StrictJSON", "Kinesis", "LocalKinesis", "Scenarios", "Transport", "Observations",
        "RunResults", "Sizing", "Reporting", "TestSupport",
      ],
      exclude: ["Golden"]),
  ],
  swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system {
  target.swiftSettings = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ]
}
