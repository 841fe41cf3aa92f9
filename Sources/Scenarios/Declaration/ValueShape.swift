import StrictJSON

/// What a value of the scenario language may look like. The decoder, its messages, the JSON Schema and the field table
/// are all made from the same shape, so they cannot disagree.
indirect enum ValueShape: Sendable {
  /// `true` or `false`.
  case flag
  /// A whole number; `noun` says of what: "records".
  case integer(ClosedRange<Int64>, noun: String)
  /// A whole number, or one of some words in its place.
  case integerOr([String], ClosedRange<Int64>, noun: String)
  /// A number; `noun` says of what.
  case number(ClosedRange<Double>, noun: String)
  /// `0.01` or `"1%"`.
  case ratio(ClosedRange<Double>)
  /// `"250ms"`; with `unbounded` the word `"unbounded"` too.
  case duration(ClosedRange<Int64>, unbounded: Bool = false)
  /// `"64KiB"`, or a whole number of bytes.
  case size(ClosedRange<Int64>)
  /// A rate: a number, or a size as amount per second.
  case rate
  /// The bound of a threshold: a number, a ratio in per cent or a duration, as the metric needs.
  case bound
  /// Text under a rule.
  case text(TextRule)
  /// One of some words.
  case word([String])
  /// One of some words, or an object of numbers in their place, which may also be written `"field=value,…"`.
  case profile([String], ObjectDeclaration)
  /// A list, its elements all of one shape.
  case list(ValueShape, count: ClosedRange<Int>, noun: String)
  /// A closed object.
  case object(ObjectDeclaration)
  /// An object whose `type` says which fields it has, or a short form of one.
  case choice(ChoiceDeclaration)
}

/// What a text value must satisfy.
struct TextRule: Sendable {
  /// Completes "expected …".
  let expected: String
  /// The same as a regular expression of the JSON Schema, anchored; `nil` when every text will do.
  let pattern: String?
  /// Whether a text satisfies the rule.
  let accepts: @Sendable (String) -> Bool

  /// Any text.
  static let any = TextRule(expected: "a text in double quotes", pattern: nil) { _ in true }
}

/// What stands for a field that is not written.
enum FieldDefault: Sendable {
  /// The field must be written.
  case required
  /// Nothing: the feature is off.
  case absent
  /// A fixed value, written as a user would.
  case value(JSONValue)
  /// A value that follows from fields declared earlier in the same object, and the rule in words.
  case derived(String, @Sendable (ResolvedNode) -> JSONValue)
}

/// One field of an object: its only description.
struct FieldDeclaration: Sendable {
  /// The name as written.
  let name: String
  /// What it may hold.
  let shape: ValueShape
  /// What stands for it when it is not written.
  let fallback: FieldDefault
  /// The unit of its value: "records", "bytes"; empty when there is none.
  let unit: String
  /// One line for people.
  let help: String

  /// Declares a field.
  init(_ name: String, _ shape: ValueShape, _ fallback: FieldDefault, unit: String = "", _ help: String) {
    self.name = name
    self.shape = shape
    self.fallback = fallback
    self.unit = unit
    self.help = help
  }
}

/// The fields of a closed object. A field `comment` is allowed in every one and means nothing.
struct ObjectDeclaration: Sendable {
  /// Completes "expected …": "an object with the fields of a phase".
  let noun: String
  /// In the order of the resolved form.
  let fields: [FieldDeclaration]
}

/// One way to fill a choice: the word of `type` and the fields that come with it.
struct TypeDeclaration: Sendable {
  /// The value of `type`.
  let name: String
  /// One line for people.
  let help: String
  /// Besides `type`.
  let fields: [FieldDeclaration]

  /// Whether the bare name may stand for the whole object: no field must be written.
  var isBare: Bool {
    fields.allSatisfy {
      if case .required = $0.fallback { false } else { true }
    }
  }
}

/// A choice between types.
struct ChoiceDeclaration: Sendable {
  /// Completes "expected …": "a record size".
  let noun: String
  /// The types in the order of the documentation.
  let types: [TypeDeclaration]
  /// The type and field that a bare value stands for: `2000` for `{"type": "constant", "records": 2000}`.
  let shorthand: Shorthand?

  /// The types whose bare name is enough.
  var bareTypes: [TypeDeclaration] { types.filter { $0.isBare && $0.name != shorthand?.type } }

  /// A value written instead of an object.
  struct Shorthand: Sendable {
    /// The type meant.
    let type: String
    /// The field the value goes to.
    let field: String
    /// Completes "expected …": `a size like "100B"`.
    let expected: String
  }
}
