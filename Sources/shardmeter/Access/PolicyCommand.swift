import Kinesis
import RunResults
import StrictJSON

/// `shardmeter policy COMMAND`.
enum PolicyCommand {
  /// What follows `policy`.
  struct Options: Sendable {
    var permissions = Permissions()
    /// Nil: words to be replaced.
    var stream: StreamARN?
  }

  /// Its command line.
  static let table = OptionTable<Options>(
    operands: [
      .init(
        "COMMAND", help: "run, search, ab, verify, or size for its --verify: no other calls AWS",
        completion: .words(of: Permissions.Caller.self)
      ) {
        (options: inout Options, word: String) throws(ValueProblem) in
        options.permissions.caller = try OptionValue.word(Permissions.Caller.self)(word)
      }
    ],
    groups: [
      .init(
        "Policy",
        [
          .value(
            "stream-arn", "ARN", help: "the stream it is for (default: words to be replaced)", \.stream,
            OptionValue.optional(OptionValue.streamARN)),
          .flag("create-stream", help: "as in run: allow to create the stream", \.permissions.createsStream),
          .flag("delete-stream", help: "as in run: allow to delete the stream", \.permissions.deletesStream),
          .flag("read-back", help: "as in run: allow to read the stream", \.permissions.readsBack),
        ])
    ], example: "run --create-stream")

  static let command: Command = Command(
    "policy", abstract: "print the least IAM policy that a command works with", discussion: discussion, table: table,
    defaults: Options()
  ) { options, context in
    let permissions = options.permissions
    let caller = permissions.caller
    if caller == .verify || caller == .size, permissions != Permissions(caller: caller) {
      throw UsageError(
        "\(caller.rawValue) takes no such option: what it calls is always the same", command: "policy")
    }
    // The streams that size makes are called after the one it is asked about.
    let resource = (options.stream?.description ?? placeholder) + (caller == .size ? "-verify-*" : "")
    context.standardOutput.writeLine(JSONWriter.pretty(permissions.policy(resource: resource)))
    return .ok
  }

  /// What stands for a stream that is not named.
  static let placeholder = "arn:aws:kinesis:REGION:ACCOUNT:stream/STREAM"

  private static let discussion = """
    It names the operations that the program can call, and no others, on one stream.
    A stream that is encrypted with a key of your own takes permissions on that key
    as well: kms:GenerateDataKey to write, kms:Decrypt to read.
    """
}
