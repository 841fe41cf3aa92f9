/// What a server does with requests. Called on the server's thread, one request at a time.
package protocol HTTPHandler: AnyObject {
  /// Answers one request. The request's bytes are valid during the call only; the answer is begun empty, with status 200.
  ///
  /// A call that takes long keeps all other connections waiting; slowness to be shown to one client is what
  /// `HTTPAnswer.notBefore` is for.
  func respond(to request: HTTPRequestView, into answer: inout HTTPAnswer)

  /// Adds fields and a body to the refusal of what is no request; status and `closes` are set already.
  func refuse(status: Int, into answer: inout HTTPAnswer)
}

extension HTTPHandler {
  /// A status says enough.
  package func refuse(status: Int, into answer: inout HTTPAnswer) {}
}
