/// Where the credentials of a run come from: decided from environment and files alone, before anything is asked.
///
/// Only ``given(_:place:)`` is complete; the others have to be asked, and asked again before what they gave ends.
package enum CredentialsSource: Hashable, Sendable {
  /// Written down in the environment or in a file, or the customary keys of emulators.
  case given(Credentials, place: String)
  /// Printed by a program that a profile names with `credential_process`.
  case process(profile: String, words: [String])
  /// Given by the endpoint of the container's host (ECS, EKS).
  case container(ContainerCredentials)
  /// Given by the instance metadata service (EC2).
  case instance(InstanceMetadata)

  /// What to call it in a message. Holds nothing secret: neither a program's arguments nor an endpoint's path.
  package var place: String {
    switch self {
    case .given(_, let place): place
    case .process(let profile, _): "the credential_process of profile \"\(profile)\""
    case .container(let container): "the container credentials endpoint \(container.place)"
    case .instance(let metadata): "the instance metadata service \(metadata.base)"
    }
  }
}
