import type { FrameKind } from '@tulle/proxy'

/** A frame's bytes and what they mean: captured from a foreign peer, or made by hand from a specification. */
export interface FrameSample {
  readonly name: string
  readonly bytes: Buffer
  readonly kind: FrameKind
  readonly id: number
  /** Of requests; what is left out is expected to be undefined. */
  readonly service?: string
  readonly method?: string
  /** As `FramedCodec.timeoutMs`; 0 when left out. */
  readonly timeoutMs?: number
  /** Of responses, in HTTP's words; 200 when left out. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

/** The bytes of hexadecimal text; white space, and what stands behind a `#` in a line, is for the reader. */
export function hex(text: string): Buffer {
  const digits = text.replace(/#.*$/gm, '').replace(/\s+/g, '')
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new Error(`not whole bytes in hexadecimal: ${text}`)
  return Buffer.from(digits, 'hex')
}
