import type { Frame } from '../../frame.ts'
import { u16, u32 } from '../../framed.ts'
import { type Dialect, HessianReader, JavaObject } from '../../transcode/hessian.ts'
import { Untranslatable } from '../../transcoder.ts'
import { CodecId, CRC_BYTES, fixedBytes, hasCrc, LENGTHS_BYTES, shiftOf } from './frame.ts'

/** Classes of what requests and responses carry. */
export const SOFA_REQUEST = 'com.alipay.sofa.rpc.core.request.SofaRequest'
export const SOFA_RESPONSE = 'com.alipay.sofa.rpc.core.response.SofaResponse'

/** How classes begin in Hessian's final grammar, which SOFA's hessian 4 can write. */
const FINAL_CLASS = 0x43
/** What Bolt calls its ways to write contents; programs may register more. */
const CODEC_NAMES: Readonly<Record<number, string>> = {
  [CodecId.Java]: 'Java serialization',
  [CodecId.Protobuf]: 'protobuf',
  [CodecId.Json]: 'JSON',
}

/** The content of a frame, behind class name and header map. */
export function contentOf({ buf, start, end }: Frame): Buffer {
  const fixed = fixedBytes(buf, start)
  const lengths = start + fixed - LENGTHS_BYTES
  const from = start + fixed + u16(buf, lengths) + u16(buf, lengths + 2)
  const limit = end - (hasCrc(buf, start) ? CRC_BYTES : 0)
  return buf.subarray(from, Math.min(from + u32(buf, lengths + 4), limit))
}

/** The dialect of a content, by how it begins. */
export function dialectOf(content: Buffer): Dialect {
  return content[0] === FINAL_CLASS ? 'final' : 'draft'
}

/** Reads a content; throws `Untranslatable` where it is no Hessian. */
export function readerOf(frame: Frame): HessianReader {
  const id = frame.buf[frame.start + 9 + shiftOf(frame.buf, frame.start)]!
  if (id !== CodecId.Hessian) {
    const name = CODEC_NAMES[id] ?? `codec ${id}`
    throw new Untranslatable('body', `is written by ${name}; only Hessian (1) is known here`)
  }
  const content = contentOf(frame)
  return new HessianReader(dialectOf(content), content)
}

/** The object of this class that the content begins with. */
export function objectIn(reader: HessianReader, className: string): JavaObject {
  const read = reader.read('body')
  if (read instanceof JavaObject && read.className === className) return read
  const what = read instanceof JavaObject ? read.className : 'no object'
  throw new Untranslatable('body', `is ${what} instead of ${className}`)
}
