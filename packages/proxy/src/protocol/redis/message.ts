import { Frame, FrameKind } from '../../frame.ts'
import type { Protocol } from '../../protocol.ts'
import { type Command, Handling, Lane } from './command.ts'
import { findCommand } from './commands.ts'
import { encodeCommand } from './inline.ts'
import { argumentsOf } from './names.ts'
import { answer } from './reply.ts'
import { ReplyReader } from './reply-reader.ts'
import { Got, RequestReader } from './request-reader.ts'
import { decide } from './special.ts'

/** A command of these words. */
export function commandOf(protocol: Protocol, words: readonly Uint8Array[]): Frame {
  return parseCommand(protocol, encodeCommand(words))!
}

/**
 * The one command that the bytes are; null when they are anything else, or a command that means something to its
 * connection: nobody knows here which that is.
 */
export function parseCommand(protocol: Protocol, bytes: Buffer): Frame | null {
  const reader = new RequestReader(bytes.length)
  reader.add(bytes)
  if (reader.next() !== Got.Message || reader.input.length > 0) return null
  const { buf, start, end, nameStart, nameEnd } = reader
  const command = findCommand(buf, nameStart, nameEnd)
  if (!isShared(command, buf, start, end)) return null
  const ask = command.asks[Lane.Resp2]
  return new Frame(protocol, FrameKind.Request, 0, buf, start, end, true, ask)
}

function isShared(command: Command, buf: Buffer, start: number, end: number): boolean {
  if (command.handling !== Handling.Special) return command.handling === Handling.Share
  const nobody = { lane: Lane.Resp2, name: '' }
  return decide(command, argumentsOf(buf, start, end), nobody).kind === 'share'
}

/** The one answer that the bytes are; null when they are anything else. */
export function parseAnswer(protocol: Protocol, bytes: Buffer): Frame | null {
  const reader = new ReplyReader(bytes.length)
  reader.add(bytes)
  return reader.next() === Got.Message && reader.input.length === 0 ? answer(protocol, bytes) : null
}
