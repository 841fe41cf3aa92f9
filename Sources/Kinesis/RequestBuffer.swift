import Measurement
import StrictJSON

/// One block of memory that holds a whole HTTP request: room for the head, then the JSON body written in place.
///
/// A connection slot owns one for its life: `beginBody`, then per record `beginRecord`, the base64 text written where it
/// points, `beginKey`, the escaped key likewise, `endRecord`; then `endBody` and ``RequestSigner/finish(_:at:)``, after
/// which ``message`` is head and body end to end, ready for a single write. No `String`, no copy of the data; memory
/// grows to the largest request seen and then stays.
///
/// Pointers handed out stay valid until the next `begin…` call.
public final class RequestBuffer {
  @exclusivity(unchecked) @usableFromInline var base: UnsafeMutablePointer<UInt8>
  @exclusivity(unchecked) @usableFromInline var capacity: Int
  /// Offset of the body's first byte.
  @exclusivity(unchecked) @usableFromInline var bodyStart: Int
  /// Offset one past the last byte written.
  @exclusivity(unchecked) @usableFromInline var end: Int
  /// Where the message begins once the head is written; equal to `bodyStart` before.
  private var messageStart: Int

  @exclusivity(unchecked) @usableFromInline var begunRecords = 0

  /// Records begun since `beginBody`.
  package var recordCount: Int { begunRecords }

  /// Makes an empty buffer.
  ///
  /// - Parameter headroom: bytes set aside for the request line and headers; enlarged when a head turns out longer.
  package init(headroom: Int = 2048) {
    precondition(headroom >= 0, "negative headroom")
    capacity = headroom + 4096
    base = .allocate(capacity: capacity)
    bodyStart = headroom
    messageStart = headroom
    end = headroom
  }

  deinit {
    base.deallocate()
  }

  /// Starts a PutRecords body, dropping whatever the buffer held.
  ///
  /// The stream comes first, so that a receiver that reads in one pass knows it before the records.
  ///
  /// - Parameter streamARN: names the stream in place of `streamName`.
  package func beginBody(streamName: String, streamARN: String? = nil) {
    clear()
    var name = streamARN ?? streamName
    name.withUTF8 { name in
      reserve(6 * name.count + 64)
      append(streamARN == nil ? "{\"StreamName\":\"" : "{\"StreamARN\":\"")
      end += JSONStringEscaping.escape(UnsafeRawBufferPointer(name), to: base + end)
      append("\",\"Records\":[")
    }
  }

  /// Starts a record and returns where its data goes: exactly `base64Length` characters of base64.
  ///
  /// - Parameters:
  ///   - base64Length: characters of base64 the caller writes, see ``Base64/encodedLength(of:)``.
  ///   - maximumKeyLength: most bytes the caller writes after `beginKey`, JSON escapes included.
  @inlinable public func beginRecord(base64Length: Int, maximumKeyLength: Int) -> UnsafeMutablePointer<UInt8> {
    // The longest frame: `,{"Data":"` `","PartitionKey":"` `","ExplicitHashKey":"` 39 digits `"}`.
    reserve(base64Length + maximumKeyLength + 96)
    if begunRecords > 0 {
      base[end] = 0x2C  // ,
      end += 1
    }
    begunRecords += 1
    let target = UnsafeMutableRawPointer(base + end)
    target.storeBytes(of: UInt64(0x2261_7461_4422_7B).littleEndian, as: UInt64.self)  // {"Data"
    target.storeBytes(of: UInt16(0x223A).littleEndian, toByteOffset: 7, as: UInt16.self)  // :"
    let data = base + end + 9
    end += 9 + base64Length
    return data
  }

  /// Ends the record's data and returns where its partition key goes, as JSON text without the quotes.
  @inlinable public func beginKey() -> UnsafeMutablePointer<UInt8> {
    let target = UnsafeMutableRawPointer(base + end)
    target.storeBytes(of: UInt64(0x7472_6150_222C_22).littleEndian, as: UInt64.self)  // ","Part
    target.storeBytes(of: UInt64(0x654B_6E6F_6974_69).littleEndian, toByteOffset: 7, as: UInt64.self)  // itionKe
    target.storeBytes(of: UInt32(0x223A_2279).littleEndian, toByteOffset: 14, as: UInt32.self)  // y":"
    end += 18
    return base + end
  }

  /// Ends a record whose key took `keyLength` bytes of JSON text.
  @inlinable public func endRecord(keyLength: Int) {
    end += keyLength
    UnsafeMutableRawPointer(base + end).storeBytes(of: UInt16(0x7D22).littleEndian, as: UInt16.self)  // "}
    end += 2
  }

  /// Ends a record whose key took `keyLength` bytes of JSON text, and sends it by an explicit hash key.
  package func endRecord(keyLength: Int, explicitHashKey: UInt128) {
    end += keyLength
    append("\",\"ExplicitHashKey\":\"")
    end += DecimalDigits.write(explicitHashKey, to: base + end)
    append("\"}")
  }

  /// Ends the body.
  package func endBody() {
    reserve(2)
    append("]}")
  }

  /// Replaces the body by the one of another operation.
  package func setBody(_ body: UnsafeRawBufferPointer) {
    clear()
    reserve(body.count)
    UnsafeMutableRawBufferPointer(start: base + end, count: body.count).copyMemory(from: body)
    end += body.count
  }

  /// The body as far as it is written.
  package var body: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base + bodyStart, count: end - bodyStart)
  }

  /// Head and body, end to end; the body alone while ``RequestSigner`` has not written the head.
  package var message: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base + messageStart, count: end - messageStart)
  }

  /// Sets aside `length` bytes right before the body for the head and returns where it starts.
  func beginHead(length: Int) -> UnsafeMutablePointer<UInt8> {
    if length > bodyStart {
      let shift = length - bodyStart
      reserve(shift)
      (base + length).update(from: base + bodyStart, count: end - bodyStart)
      bodyStart += shift
      end += shift
    }
    messageStart = bodyStart - length
    return base + messageStart
  }

  private func clear() {
    end = bodyStart
    messageStart = bodyStart
    begunRecords = 0
  }

  /// Makes room for `count` more bytes.
  @inlinable func reserve(_ count: Int) {
    if capacity - end < count { grow(count) }
  }

  @usableFromInline func grow(_ count: Int) {
    var larger = capacity
    while larger - end < count { larger *= 2 }
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
    memory.update(from: base, count: end)
    base.deallocate()
    base = memory
    capacity = larger
  }

  private func append(_ text: StaticString) {
    (base + end).update(from: text.utf8Start, count: text.utf8CodeUnitCount)
    end += text.utf8CodeUnitCount
  }
}

extension RequestBuffer {
  /// Appends a record whose data and key lie in memory: the convenient way where the last microsecond does not matter.
  ///
  /// - Parameters:
  ///   - data: the data blob, not yet base64.
  ///   - key: the partition key in UTF-8, not escaped.
  ///   - explicitHashKey: the hash key that overrides the partition key's, if any.
  package func append(
    data: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer, explicitHashKey: UInt128? = nil
  ) {
    let length = Base64.encodedLength(of: data.count)
    Base64.encode(data, to: beginRecord(base64Length: length, maximumKeyLength: 6 * key.count))
    let keyLength = JSONStringEscaping.escape(key, to: beginKey())
    if let explicitHashKey {
      endRecord(keyLength: keyLength, explicitHashKey: explicitHashKey)
    } else {
      endRecord(keyLength: keyLength)
    }
  }
}
