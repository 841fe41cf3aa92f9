import RunResults

/// Words that a plan's text and its page share.
enum PlanFigures {
  /// What the cores of `PlanDocument.Parts` stand on.
  static let cpu =
    "\(NumberFormat.brief(PlanDocument.Parts.cpuOfRequest * 1e6)) us a request, "
    + "\(NumberFormat.brief(PlanDocument.Parts.cpuOfRecord * 1e9)) ns a record, "
    + "\(NumberFormat.brief(PlanDocument.Parts.cpuOfByte * 1e9)) ns a byte"
}
