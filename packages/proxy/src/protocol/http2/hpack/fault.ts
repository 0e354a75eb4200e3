/** What can be wrong with a header block. All are errors of the connection: COMPRESSION_ERROR (RFC 9113 §4.3). */
export const HpackFault = {
  /** Nothing. */
  None: 0,
  Truncated: 1,
  Index: 2,
  Integer: 3,
  Huffman: 4,
  LateUpdate: 5,
  ManyUpdates: 6,
  LargeUpdate: 7,
  MissingUpdate: 8,
} as const
export type HpackFault = (typeof HpackFault)[keyof typeof HpackFault]

const SENTENCES: Readonly<Record<HpackFault, string>> = {
  [HpackFault.None]: 'nothing is wrong',
  [HpackFault.Truncated]: 'the header block ends within a field',
  [HpackFault.Index]: 'an index points to no entry of the header tables',
  [HpackFault.Integer]: 'an integer in the header block is larger than 2^31',
  [HpackFault.Huffman]: 'a Huffman-coded string has EOS in it, or ends in wrong padding',
  [HpackFault.LateUpdate]: 'a size update of the header table follows a field',
  [HpackFault.ManyUpdates]: 'a header block has more than two size updates',
  [HpackFault.LargeUpdate]: 'a size update exceeds SETTINGS_HEADER_TABLE_SIZE',
  [HpackFault.MissingUpdate]: 'SETTINGS_HEADER_TABLE_SIZE shrank and no size update followed',
}

/** The sentence of a fault. */
export function hpackFault(fault: HpackFault): string {
  return SENTENCES[fault]
}
