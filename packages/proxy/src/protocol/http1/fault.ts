/** A rule of HTTP/1 that a peer broke: the status that answers it, and the sentence that says so. */
export interface Fault {
  readonly status: number
  readonly sentence: string
}

function bad(sentence: string, status = 400): Fault {
  return { status, sentence }
}

/** Everything a head or a body can be refused for. */
export const Faults = {
  method: bad('the method is not a token (RFC 9110 §9.1)'),
  target: bad('the request target holds a character that no target has (RFC 9112 §3.2)'),
  targetForm: bad('the request target has none of the four forms (RFC 9112 §3.2)'),
  requestLine: bad('the request line is not METHOD SP TARGET SP VERSION (RFC 9112 §3)'),
  statusLine: bad('the status line is not VERSION SP STATUS SP REASON (RFC 9112 §4)'),
  version: bad('the protocol version is neither HTTP/1.1 nor HTTP/1.0', 505),
  emptyLines: bad('too many empty lines before the request (RFC 9112 §2.2)'),
  lineEnd: bad('a line does not end in CRLF (RFC 9112 §2.2)'),
  name: bad('a header name is not a token followed by a colon (RFC 9112 §5.1)'),
  fold: bad('a header line begins with white space (RFC 9112 §5.2)'),
  value: bad('a header value holds a control character (RFC 9110 §5.5)'),
  hostMissing: bad('no Host header (RFC 9112 §3.2)'),
  hostTwice: bad('more than one Host header (RFC 9112 §3.2)'),
  host: bad('the Host header is no host with a port (RFC 9112 §3.2)'),
  length: bad('the Content-Length is not one number (RFC 9112 §6.3)'),
  lengthTwice: bad('more than one Content-Length (RFC 9112 §6.3)'),
  lengthAndCoding: bad('both Content-Length and Transfer-Encoding (RFC 9112 §6.1)'),
  coding: bad('the Transfer-Encoding is not chunked (RFC 9112 §6.1)'),
  codingUnknown: bad('a transfer coding other than chunked (RFC 9112 §6.1)', 501),
  codingTwice: bad('more than one Transfer-Encoding (RFC 9112 §6.1)'),
  codingIn10: bad('a Transfer-Encoding in HTTP/1.0 (RFC 9112 §6.1)'),
  headBytes: bad('the head is larger than allowed', 431),
  lineBytes: bad('the request line is larger than allowed', 414),
  headLines: bad('more header lines than allowed', 431),
  chunkSize: bad('a chunk size is not a hexadecimal number (RFC 9112 §7.1)'),
  chunkHuge: bad('a chunk size is too large (RFC 9112 §7.1)'),
  chunkExtension: bad('a chunk extension is malformed or too long (RFC 9112 §7.1.1)'),
  chunkEnd: bad('the data of a chunk does not end in CRLF (RFC 9112 §7.1)'),
} as const satisfies Record<string, Fault>
