import type { Connection } from '../../connection.ts'
import { type Slab, slab } from '../../http/slab.ts'
import { Flag, FrameType, HEAD_BYTES, PREFACE } from './wire.ts'

/** Puts the nine bytes before a frame's payload. */
export function putFrameHead(
  to: Slab,
  length: number,
  type: number,
  flags: number,
  id: number,
): void {
  to.room(HEAD_BYTES)
  setFrameHead(to.buf, to.at, length, type, flags, id)
  to.at += HEAD_BYTES
}

/** The same at a place of its own. */
export function setFrameHead(
  buf: Buffer,
  at: number,
  length: number,
  type: number,
  flags: number,
  id: number,
): void {
  buf[at] = length >> 16
  buf[at + 1] = length >> 8
  buf[at + 2] = length
  buf[at + 3] = type
  buf[at + 4] = flags
  buf[at + 5] = id >> 24
  buf[at + 6] = id >> 16
  buf[at + 7] = id >> 8
  buf[at + 8] = id
}

export function writePreface(connection: Connection): void {
  connection.write(PREFACE)
}

/** Names and values in turn; null answers the peer's. */
export function writeSettings(connection: Connection, list: readonly number[] | null): void {
  const length = list === null ? 0 : list.length * 3
  putFrameHead(slab, length, FrameType.Settings, list === null ? Flag.Ack : 0, 0)
  if (list !== null) {
    slab.room(length)
    for (let i = 0; i < list.length; i += 2) {
      slab.at = slab.buf.writeUInt16BE(list[i]!, slab.at)
      slab.at = slab.buf.writeUInt32BE(list[i + 1]!, slab.at)
    }
  }
  slab.write(connection)
}

/** `data` is 8 bytes. */
export function writePing(connection: Connection, data: Buffer, answer: boolean): void {
  putFrameHead(slab, 8, FrameType.Ping, answer ? Flag.Ack : 0, 0)
  slab.copy(data, 0, 8)
  slab.write(connection)
}

export function writeReset(connection: Connection, id: number, code: number): void {
  putFrameHead(slab, 4, FrameType.RstStream, 0, id)
  putNumber(code)
  slab.write(connection)
}

export function writeWindow(connection: Connection, id: number, more: number): void {
  putFrameHead(slab, 4, FrameType.WindowUpdate, 0, id)
  putNumber(more)
  slab.write(connection)
}

/** `what` is for people: debug data. */
export function writeGoAway(
  connection: Connection,
  last: number,
  code: number,
  what: string,
): void {
  putFrameHead(slab, 8 + what.length, FrameType.GoAway, 0, 0)
  putNumber(last)
  putNumber(code)
  slab.value(what)
  slab.write(connection)
}

function putNumber(value: number): void {
  slab.room(4)
  slab.at = slab.buf.writeUInt32BE(value, slab.at)
}
