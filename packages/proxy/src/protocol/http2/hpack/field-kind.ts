/** Names that mean something to a proxy. Pseudo headers come first: `Other < kind && kind <= UnknownPseudo`. */
export const FieldKind = {
  /** Only passes through. */
  Other: 0,
  Method: 1,
  Scheme: 2,
  Authority: 3,
  Path: 4,
  Status: 5,
  /** `:protocol` of extended CONNECT (RFC 8441). */
  ProtocolPseudo: 6,
  /** Any other name that begins with a colon: malformed. */
  UnknownPseudo: 7,
  ContentLength: 8,
  ContentType: 9,
  Cookie: 10,
  /** Of one HTTP/1 connection, and malformed in HTTP/2 (RFC 9113 §8.2.2): connection, keep-alive, transfer-encoding, … */
  Connection: 11,
  Te: 12,
  Host: 13,
  Expect: 14,
  Trailer: 15,
} as const
export type FieldKind = (typeof FieldKind)[keyof typeof FieldKind]

const KINDS: ReadonlyMap<string, FieldKind> = new Map([
  [':method', FieldKind.Method],
  [':scheme', FieldKind.Scheme],
  [':authority', FieldKind.Authority],
  [':path', FieldKind.Path],
  [':status', FieldKind.Status],
  [':protocol', FieldKind.ProtocolPseudo],
  ['content-length', FieldKind.ContentLength],
  ['content-type', FieldKind.ContentType],
  ['cookie', FieldKind.Cookie],
  ['connection', FieldKind.Connection],
  ['keep-alive', FieldKind.Connection],
  ['proxy-connection', FieldKind.Connection],
  ['transfer-encoding', FieldKind.Connection],
  ['upgrade', FieldKind.Connection],
  ['te', FieldKind.Te],
  ['host', FieldKind.Host],
  ['expect', FieldKind.Expect],
  ['trailer', FieldKind.Trailer],
])

/** What a name in small letters means. */
export function fieldKind(name: string): FieldKind {
  return KINDS.get(name) ?? (name.startsWith(':') ? FieldKind.UnknownPseudo : FieldKind.Other)
}

/** Whether a name is one of the pseudo headers, known or not. */
export function isPseudo(kind: FieldKind): boolean {
  return kind !== FieldKind.Other && kind <= FieldKind.UnknownPseudo
}
