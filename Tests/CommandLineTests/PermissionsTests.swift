import Kinesis
import RunResults
import Testing

@testable import shardmeter

@Suite("Permissions on AWS")
struct PermissionsTests {
  static let cases: [(Permissions, [ClientOperation])] = [
    (Permissions(caller: .run), [.describeStream, .describeStreamSummary, .listShards, .putRecords]),
    (
      Permissions(caller: .run, createsStream: true),
      [.createStream, .describeStream, .describeStreamSummary, .listShards, .putRecords]
    ),
    (
      Permissions(caller: .ab, deletesStream: true),
      [.deleteStream, .describeStream, .describeStreamSummary, .listShards, .putRecords]
    ),
    (
      Permissions(caller: .run, readsBack: true),
      [.describeStream, .describeStreamSummary, .getRecords, .getShardIterator, .listShards, .putRecords]
    ),
    (
      Permissions(caller: .size),
      [.createStream, .deleteStream, .describeStream, .describeStreamSummary, .listShards, .putRecords]
    ),
    (Permissions(caller: .verify), [.describeStream, .getRecords, .getShardIterator, .listShards]),
  ]

  @Test(arguments: cases.indices)
  func aCommandNeedsWhatItCalls(index: Int) {
    #expect(Self.cases[index].0.operations == Self.cases[index].1)
  }

  /// What the program can sign a request for is allowed by some policy, so a new operation cannot be forgotten.
  @Test func everyOperationIsInAPolicy() {
    let all = Permissions(caller: .run, createsStream: true, deletesStream: true, readsBack: true)
    #expect(all.operations == ClientOperation.allCases)
  }

  @Test func thePolicyNamesOneStream() {
    let run = CommandRun(["policy", "verify", "--stream-arn", "arn:aws:kinesis:eu-west-1:123456789012:stream/orders"])
    #expect(run.code == .ok)
    #expect(
      run.output == """
        {
          "Version": "2012-10-17",
          "Statement": [
            {
              "Sid": "Shardmeter",
              "Effect": "Allow",
              "Action": [
                "kinesis:DescribeStream",
                "kinesis:GetRecords",
                "kinesis:GetShardIterator",
                "kinesis:ListShards"
              ],
              "Resource": "arn:aws:kinesis:eu-west-1:123456789012:stream/orders"
            }
          ]
        }

        """)
  }

  @Test func sizeMakesStreamsOfItsOwn() {
    let run = CommandRun(["policy", "size"])
    #expect(run.output.contains(#""Resource": "arn:aws:kinesis:REGION:ACCOUNT:stream/STREAM-verify-*""#))
  }

  @Test(arguments: [
    (["policy"], "missing COMMAND"), (["policy", "plan"], "expected one of run, search, ab, verify, size"),
    (["policy", "verify", "--create-stream"], "verify takes no such option"),
    (["policy", "run", "--stream-arn", "orders"], "--stream-arn: expected"),
  ])
  func whatHasNoPolicyIsSaid(words: [String], message: String) {
    let run = CommandRun(words)
    #expect(run.code == .usage && run.output.isEmpty && run.errors.contains(message), "\(run.errors)")
  }
}
