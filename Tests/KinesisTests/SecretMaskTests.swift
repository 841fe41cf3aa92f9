import Kinesis
import Testing

@Suite struct SecretMaskTests {
  static let credentials = Credentials(
    accessKeyID: "ASIAQZXWVUTSRPNMLKJH", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCY",
    sessionToken: "IQoJb3JpZ2luX2Vj")

  @Test(arguments: [
    ("nothing to see", "nothing to see"), ("", ""),
    ("key ASIAQZXWVUTSRPNMLKJH.", "key ****."), ("ASIAQZXWVUTSRPNMLKJH", "****"),
    ("wJalrXUtnFEMI/K7MDENG/bPxRfiCY and IQoJb3JpZ2luX2Vj", "**** and ****"),
    ("a piece: UtnFEMI/K7MD", "a piece: ****"), ("too short: wJalrXU", "too short: wJalrXU"),
    (#"in JSON: wJalrXUtnFEMI\/K7MDENG\/bPxRfiCY"#, #"in JSON: ****"#), ("ASIAQZXWASIAQZXW", "****"),
    ("Schlüssel ASIAQZXWVUTSRPNMLKJHé", "Schlüssel ****é"),
  ])
  func secretsAreTakenOut(text: String, masked: String) {
    #expect(CurrentCredentials(Self.credentials).masked(text) == masked)
  }

  @Test func earlierSecretsStaySecret() {
    let current = CurrentCredentials(Self.credentials)
    current.replace(with: Credentials(accessKeyID: "AKIDNEWNEWNEW", secretAccessKey: "another secret"))
    #expect(current.masked("IQoJb3JpZ2luX2Vj, another secret") == "****, ****")
  }

  /// What emulators take for keys stands in ordinary words and in every shard's id.
  @Test func customaryKeysAreNoSecrets() {
    #expect(CurrentCredentials.loopback.masked("test") == "test")
    let numbers = CurrentCredentials(Credentials(accessKeyID: "000000000000", secretAccessKey: "test"))
    #expect(numbers.masked("shardId-000000000000") == "shardId-000000000000")
    #expect(CurrentCredentials(nil).masked("anything") == "anything")
  }
}
