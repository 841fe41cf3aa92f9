import RunResults

/// `shardmeter man [COMMAND]`.
enum ManCommand {
  /// What follows `man`.
  struct Options: Sendable {
    /// The command to explain; nil for the program's page.
    var command: String?
    /// A folder for all pages.
    var folder: String?
  }

  /// Its command line.
  static let table = OptionTable<Options>(
    operands: [
      .init("COMMAND", help: "the command to explain (default: the program)", isOptional: true, completion: .command) {
        (options: inout Options, word: String) throws(ValueProblem) in options.command = word
      }
    ],
    groups: [
      .init(
        "Pages",
        [
          .value(
            "out", "DIR", help: "write every page into this folder, which has to be there", completion: .folder,
            \.folder, OptionValue.text("a folder"))
        ])
    ], example: "run")

  static let command: Command = Command(
    "man", abstract: "print a manual page, or write all of them", discussion: discussion, table: table,
    defaults: Options()
  ) { options, context in
    let registry = CommandRegistry.standard
    if let folder = options.folder {
      guard options.command == nil else {
        throw UsageError("--out takes no COMMAND: it writes every page", command: "man")
      }
      do throws(RunFolderFailure) {
        for page in ManPage.all(registry, build: context.build) {
          try RunFolder.write(page.text, to: "\(folder)/\(page.name)")
        }
      } catch {
        throw CommandFailure("\(error)", code: .usage)
      }
      return .ok
    }
    let text =
      if let name = options.command {
        ManPage.page(of: try registry.command(named: name), build: context.build)
      } else {
        ManPage.overview(registry, build: context.build)
      }
    context.standardOutput.write(text)
    return .ok
  }

  private static let discussion = """
    A package has them installed: man shardmeter, man shardmeter-run. Without one:
      shardmeter man run | man -l -
    """
}
