import Kinesis
import RunResults

/// Where requests go, as options, environment and profile say: a pure decision, before any name is looked up.
struct TargetAddress: Equatable {
  /// For data: PutRecords and reading back.
  let data: String
  /// For all other operations.
  let control: String
  /// Where the address was found, for messages about it.
  let origin: String

  /// The address of a target that was named by its URL.
  init(url: String) {
    data = url
    control = url
    origin = "--target"
  }

  /// The address of `--target aws`: a configured endpoint, else the account's own with an ARN, else the region's.
  ///
  /// - Parameters:
  ///   - configured: the endpoint that environment or profile name.
  ///   - region: the region to sign for, when one is known.
  /// - Throws: ``CommandFailure`` 2 without a region, or for one that cannot be.
  init(awsConfigured configured: String?, streamARN: StreamARN?, region: String?) throws {
    if let configured {
      data = configured
      control = configured
      origin = "the configured endpoint (AWS_ENDPOINT_URL_KINESIS, AWS_ENDPOINT_URL or the profile's endpoint_url)"
      return
    }
    origin = "--target aws"
    do {
      if let streamARN {
        let address = try ServiceAddress(arn: streamARN)
        (data, control) = (address.data, address.control)
      } else if let region {
        let address = try ServiceAddress(region: region)
        (data, control) = (address.data, address.control)
      } else {
        throw CommandFailure(
          "--target aws needs a region: give --region, or set AWS_REGION or the profile's region", code: .usage)
      }
    } catch let failure as ServiceAddressFailure {
      throw CommandFailure("--target aws: \(failure)", code: .usage)
    }
  }
}
