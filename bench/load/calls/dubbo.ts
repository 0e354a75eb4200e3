import { ANSWERED, ASKED, type Call, INTERFACE, METHOD, u32 } from './call.ts'

/*
 * Dubbo 2 with Hessian: header, then version, service, its version, method, types, the argument and the attachments.
 *
 *   0     2     3       4 … 11   12 … 15   16
 *   da bb flag  status  id       length    values
 */
const LENGTHS = '16 12/4'
const ID_AT = 8
const VERSION = '1.0'

/** What Java's consumers attach. */
const ATTACHMENTS = [
  ['path', INTERFACE],
  ['remote.application', 'bench'],
  ['interface', INTERFACE],
  ['version', VERSION],
  ['timeout', '3000'],
] as const

/** A call of one text, answered by another. */
export const dubboCall: Call = {
  protocol: 'dubbo',
  service: `${INTERFACE}:${VERSION}`,
  method: METHOD,
  request: {
    bytes: frame(0xc2, 0, [
      ...['2.0.2', INTERFACE, VERSION, METHOD, 'Ljava/lang/String;', ASKED].map(text),
      Buffer.from('H'),
      ...ATTACHMENTS.flat().map(text),
      Buffer.from('Z'),
    ]),
    idAt: ID_AT,
    lengths: LENGTHS,
  },
  // 91: a value without attachments.
  answer: {
    bytes: frame(0x02, 20, [Buffer.from([0x91]), text(ANSWERED)]),
    idAt: ID_AT,
    lengths: LENGTHS,
  },
  goodAt: 3,
}

function frame(flag: number, status: number, values: readonly Buffer[]): Buffer {
  const body = Buffer.concat(values)
  const header = Buffer.from(`dabb${'00'.repeat(10)}`, 'hex')
  header[2] = flag
  header[3] = status
  return Buffer.concat([header, u32(body.length), body])
}

/** A text of Hessian 2.0 below 1024 characters. */
function text(value: string): Buffer {
  const { length } = value
  const head = length < 32 ? [length] : [0x30 + (length >> 8), length & 0xff]
  return Buffer.concat([Buffer.from(head), Buffer.from(value)])
}
