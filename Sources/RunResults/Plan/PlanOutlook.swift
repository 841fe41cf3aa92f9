import Measurement
import StrictJSON

extension PlanDocument {
  /// What a month costs that is like the plan's measured time.
  package struct Cost: Sendable, Equatable {
    package var currency: String
    /// When and where the prices held.
    package var date: String
    package var region: String
    /// The plan's shards and PUT payload units.
    package var provisioned: Double
    package var onDemand: Double
    /// The mean of the month over the busiest minute; `nil`: the month is as the measured time.
    package var monthMean: Double?

    /// A cost.
    package init(
      currency: String, date: String, region: String, provisioned: Double, onDemand: Double, monthMean: Double?
    ) {
      (self.currency, self.date, self.region) = (currency, date, region)
      (self.provisioned, self.onDemand, self.monthMean) = (provisioned, onDemand, monthMean)
    }

    var json: JSONValue {
      let members: [(String, JSONValue)] = [
        ("currency", .string(currency)), ("date", .string(date)), ("region", .string(region)),
        ("provisioned", .number(provisioned)), ("on_demand", .number(onDemand)),
        ("month_mean", monthMean.map { .number($0) } ?? .null),
      ]
      return .object(members)
    }
  }

  /// What each of several machines would carry in the busiest second, the fullest of them: a logical producer is on one
  /// machine, so that they share the load by whole producers.
  package struct Parts: Sendable, Equatable {
    /// CPU time of the driver on plain connections, seconds: a request, a record, and a byte of its data. Fitted to the table
    /// "How fast" of scripts/README.md (an Intel Xeon with SHA extensions: 500 records of 100 B take 101 µs, of 1 KiB
    /// 571 µs, 100 of 100 B 24.9 µs, one 5.3 µs); the fit is within 2 % of all four.
    package static let cpuOfRequest = 5.3e-6
    package static let cpuOfRecord = 0.09e-6
    package static let cpuOfByte = 1.02e-9
    /// Bytes of a request beside its records, the signed head above all, and of a record beside its data and key:
    /// `{"Data":"","PartitionKey":""},`.
    package static let bytesOfRequest = 600.0
    package static let bytesOfRecord = 30.0

    /// Machines, and logical producers on all and on the fullest.
    package var machines: Int
    package var producers: Int
    package var mostProducers: Int
    /// How long an answer is taken to last.
    package var answer: Nanoseconds
    /// Of the fullest machine.
    package var recordsPerSecond: Double
    package var requestsPerSecond: Double
    package var bitsPerSecond: Double

    /// Shares of a plan.
    ///
    /// - Parameters:
    ///   - busiest: records/s of all in the busiest second.
    ///   - recordsPerRequest: the mean, more than 0.
    ///   - dataBytes: mean bytes of a record's data.
    ///   - keyBytes: mean bytes of its key.
    package init(
      machines: Int, producers: Int, answer: Nanoseconds, busiest: Double, recordsPerRequest: Double, dataBytes: Double,
      keyBytes: Double
    ) {
      (self.machines, self.producers, self.answer) = (machines, producers, answer)
      mostProducers = (producers + machines - 1) / max(1, machines)
      recordsPerSecond = busiest * Double(mostProducers) / Double(max(1, producers))
      requestsPerSecond = recordsPerSecond / recordsPerRequest
      self.dataBytes = dataBytes
      // Base64: four characters for each started three bytes.
      let record = (dataBytes / 3).rounded(.up) * 4 + keyBytes + Self.bytesOfRecord
      bitsPerSecond = 8 * (requestsPerSecond * Self.bytesOfRequest + recordsPerSecond * record)
    }

    private var dataBytes: Double

    /// Requests in flight at once by Little's law: each takes a connection.
    package var connections: Int { max(1, Int((requestsPerSecond * answer.seconds).rounded(.up))) }
    /// CPU seconds a second.
    package var cores: Double {
      requestsPerSecond * Self.cpuOfRequest + recordsPerSecond * (Self.cpuOfRecord + dataBytes * Self.cpuOfByte)
    }
    /// Machines without any producer.
    package var idle: Int { max(0, machines - producers) }

    var json: JSONValue {
      let members: [(String, JSONValue)] = [
        ("machines", .integer(Int64(machines))), ("idle", .integer(Int64(idle))),
        ("producers_on_the_fullest", .integer(Int64(mostProducers))), ("answer_ms", .number(answer.milliseconds)),
        ("records_per_s", .number(recordsPerSecond)), ("requests_per_s", .number(requestsPerSecond)),
        ("gbit_per_s", .number(bitsPerSecond / 1e9)), ("connections", .integer(Int64(connections))),
        ("cores", .number(cores)),
      ]
      return .object(members)
    }
  }
}
