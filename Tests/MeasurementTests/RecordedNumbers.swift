/// Outputs of the generators as they are, against unnoticed change.
enum RecordedNumbers {
  static let familyKey: UInt64 = 7_310_979_810_895_125_236
  static let childKey: UInt64 = 16_333_501_755_114_377_120
  static let payload = "zIZj0wTx4uycsxq9LpOfEegJqtj4mHJx5Q=="
}
