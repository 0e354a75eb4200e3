/** A rule of HTTP/1 that a peer broke: the status that answers it, and the sentence that says so. */
export interface Fault {
  readonly status: number
  readonly sentence: string
}

/** Everything a head or a body can be refused for. */
export const Faults = {
  method: { status: 400, sentence: 'the method is not a token (RFC 9110 section 9.1)' },
  target: {
    status: 400,
    sentence: 'the request target holds a character that no target has (RFC 9112 section 3.2)',
  },
  targetForm: {
    status: 400,
    sentence: 'the request target has none of the four forms (RFC 9112 section 3.2)',
  },
  requestLine: {
    status: 400,
    sentence: 'the request line is not METHOD SP TARGET SP VERSION (RFC 9112 section 3)',
  },
  statusLine: {
    status: 400,
    sentence: 'the status line is not VERSION SP STATUS SP REASON (RFC 9112 section 4)',
  },
  version: { status: 505, sentence: 'the protocol version is neither HTTP/1.1 nor HTTP/1.0' },
  emptyLines: {
    status: 400,
    sentence: 'too many empty lines before the request (RFC 9112 section 2.2)',
  },
  lineEnd: { status: 400, sentence: 'a line does not end in CRLF (RFC 9112 section 2.2)' },
  name: {
    status: 400,
    sentence: 'a header name is not a token followed by a colon (RFC 9112 section 5.1)',
  },
  fold: { status: 400, sentence: 'a header line begins with white space (RFC 9112 section 5.2)' },
  value: {
    status: 400,
    sentence: 'a header value holds a control character (RFC 9110 section 5.5)',
  },
  hostMissing: { status: 400, sentence: 'no Host header (RFC 9112 section 3.2)' },
  hostTwice: { status: 400, sentence: 'more than one Host header (RFC 9112 section 3.2)' },
  host: { status: 400, sentence: 'the Host header is no host with a port (RFC 9112 section 3.2)' },
  length: { status: 400, sentence: 'the Content-Length is not one number (RFC 9112 section 6.3)' },
  lengthTwice: { status: 400, sentence: 'more than one Content-Length (RFC 9112 section 6.3)' },
  lengthAndCoding: {
    status: 400,
    sentence: 'both Content-Length and Transfer-Encoding (RFC 9112 section 6.1)',
  },
  coding: { status: 400, sentence: 'the Transfer-Encoding is not chunked (RFC 9112 section 6.1)' },
  codingUnknown: {
    status: 501,
    sentence: 'a transfer coding other than chunked (RFC 9112 section 6.1)',
  },
  codingTwice: { status: 400, sentence: 'more than one Transfer-Encoding (RFC 9112 section 6.1)' },
  codingIn10: { status: 400, sentence: 'a Transfer-Encoding in HTTP/1.0 (RFC 9112 section 6.1)' },
  ofOneConnection: {
    status: 400,
    sentence: 'a header that belongs to one connection of HTTP/1 (RFC 9113 section 8.2.2)',
  },
  tunnelBody: {
    status: 400,
    sentence: 'a request for a tunnel with a body (RFC 9110 section 7.8, RFC 8441 section 4)',
  },
  switching: {
    status: 502,
    sentence: 'a 101 in a version of HTTP without it (RFC 9113 section 8.6)',
  },
  headBytes: { status: 431, sentence: 'the head is larger than allowed' },
  lineBytes: { status: 414, sentence: 'the request line is larger than allowed' },
  headLines: { status: 431, sentence: 'more header lines than allowed' },
  chunkSize: {
    status: 400,
    sentence: 'a chunk size is not a hexadecimal number (RFC 9112 section 7.1)',
  },
  chunkHuge: { status: 400, sentence: 'a chunk size is too large (RFC 9112 section 7.1)' },
  chunkExtension: {
    status: 400,
    sentence: 'a chunk extension is malformed or too long (RFC 9112 section 7.1.1)',
  },
  chunkEnd: {
    status: 400,
    sentence: 'the data of a chunk does not end in CRLF (RFC 9112 section 7.1)',
  },
} as const
