import { ANSWERED, ASKED, type Call, METHOD, u32 } from './call.ts'

/*
 * Tars: the length, which counts itself, and fields in the order of their tags. Ids have four bytes, as every id above
 * 32 767 has. Numbers in the head of a field are tag and type.
 *
 *   request  0 … 3   10 01    2c      3c      42 id  56 servant  66 function  7d bytes  82 time-out  98 context  a8 status
 *   answer   0 … 3   10 01    2c      32 id   4c     5c result 0              6d bytes  78 status    86 description
 */
const LENGTHS = '0 0/4'
const SERVANT = 'Example.EchoServer.EchoObj'
const EMPTY_MAPS = '980ca80c'

/** A call of one text, answered by another. */
export const tarsCall: Call = {
  protocol: 'tars',
  service: SERVANT,
  method: METHOD,
  request: {
    bytes: frame([
      hex('10012c3c42'),
      u32(0),
      short(0x56, SERVANT),
      short(0x66, METHOD),
      bytes(0x7d, short(0x16, ASKED)),
      hex('820000ea60'),
      hex(EMPTY_MAPS),
    ]),
    idAt: 9,
    lengths: LENGTHS,
  },
  answer: {
    bytes: frame([
      hex('10012c32'),
      u32(0),
      hex('4c5c'),
      bytes(0x6d, short(0x06, ANSWERED)),
      hex('780c8600980c'),
    ]),
    idAt: 8,
    lengths: LENGTHS,
  },
  goodAt: 13,
}

function frame(fields: readonly Buffer[]): Buffer {
  const all = Buffer.concat(fields)
  return Buffer.concat([u32(all.length + 4), all])
}

/** A text below 256 bytes. */
function short(head: number, value: string): Buffer {
  return Buffer.concat([Buffer.from([head, value.length]), Buffer.from(value)])
}

/** Bytes, whose number is an int of two. */
function bytes(head: number, value: Buffer): Buffer {
  const count = Buffer.from([head, 0, 0x01, value.length >> 8, value.length & 0xff])
  return Buffer.concat([count, value])
}

function hex(digits: string): Buffer {
  return Buffer.from(digits, 'hex')
}
