import { ANSWERED, ASKED, type Call, INTERFACE, lengthened, METHOD } from './call.ts'

/*
 * Motan2 with simple serialisation: a text is 01, its length, its bytes.
 *
 *   0     2     3               4              5 … 12   13 … 16
 *   f1 f1 type  version, status serialisation  id       length  metadata  length  body
 */
const LENGTHS = '21 13/4 +17/4'
const ID_AT = 9
const GROUP = 'rpc'
const VERSION = '1.0'

/** A call of one text, answered by another. */
export const motanCall: Call = {
  protocol: 'motan',
  service: `${GROUP}/${INTERFACE}:${VERSION}`,
  method: METHOD,
  request: {
    bytes: frame(
      0x00,
      {
        M_p: INTERFACE,
        M_m: METHOD,
        M_md: 'java.lang.String',
        M_g: GROUP,
        M_v: VERSION,
        M_s: 'bench',
        M_tmo: '3000',
      },
      ASKED,
    ),
    idAt: ID_AT,
    lengths: LENGTHS,
  },
  answer: { bytes: frame(0x01, { M_pt: '3' }, ANSWERED), idAt: ID_AT, lengths: LENGTHS },
  goodAt: 3,
}

function frame(type: number, metadata: Readonly<Record<string, string>>, said: string): Buffer {
  const header = Buffer.from(`f1f1000830${'00'.repeat(8)}`, 'hex')
  header[2] = type
  const body = Buffer.concat([Buffer.from([1]), lengthened(said)])
  const pairs = Object.entries(metadata).flat().join('\n')
  return Buffer.concat([header, lengthened(pairs), lengthened(body)])
}
