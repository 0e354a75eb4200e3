import type { Frame } from '../../frame.ts'
import { Interner } from '../../framed.ts'
import { type Ask, KeyAt } from './command.ts'
import { behind, readNumber } from './number.ts'

const LF = 10
const COLON = 58
const SLASH = 47
/** A key without a prefix is its own service; a longer one is nobody's. */
const MOST_SERVICE_BYTES = 256
const MOST_METHOD_BYTES = 64
const MOST_KEY_BYTES = 1024

const names = new Interner()

/** Where the argument that `seek` found last begins and ends. */
let from = 0
let to = 0

/**
 * What virtual hosts match: the first key up to its first `:` or `/`, all of it where it has none, and empty for a command
 * without a key. Channels count as keys, so that who publishes and who subscribes are sent to the same place.
 *
 * ```
 *  GET user:7:name      user                   GET com.shop.Stock/count?sku=1      com.shop.Stock
 *  SUBSCRIBE news.*     news.*                 PING                                (empty)
 * ```
 */
export function serviceOf(request: Frame): string {
  if (!seekKey(request)) return ''
  const { buf } = request
  const stop = Math.min(to, from + MOST_SERVICE_BYTES + 1)
  let end = from
  while (end < stop && buf[end] !== COLON && buf[end] !== SLASH) end++
  return end - from > MOST_SERVICE_BYTES ? '' : names.text(buf, from, end)
}

/** The command in upper case, with what it is to do where a first argument says that: `GET`, `CONFIG GET`. */
export function methodOf(request: Frame): string | undefined {
  const { command } = request.view as Ask
  if (command.name === '') return seek(request, 0) ? word(request.buf) : undefined
  if (!command.container || !seek(request, 1)) return command.name
  const what = word(request.buf)
  return what === undefined ? command.name : `${command.name} ${what}`
}

/** The first key; undefined for a command without one. Very long ones are cut. */
export function keyOf(request: Frame): string | undefined {
  if (!seekKey(request)) return undefined
  return request.buf.toString('utf8', from, Math.min(to, from + MOST_KEY_BYTES))
}

/** The arguments of a command, its name the first of them. */
export function argumentsOf(buf: Buffer, start: number, end: number): Buffer[] {
  const args: Buffer[] = []
  for (let at = lineEnd(buf, start, end); at < end; at = to + 2) {
    if (!readArgument(buf, at, end)) break
    args.push(buf.subarray(from, to))
  }
  return args
}

function seekKey(request: Frame): boolean {
  const { command } = request.view as Ask
  if (command.key === KeyAt.None) return false
  if (command.key === KeyAt.Streams) return seekBehindStreams(request)
  // The count of keys stands before them: a script may have none.
  if (command.key === 3 && seek(request, 2) && saysNone(request.buf)) return false
  return seek(request, command.key)
}

/** `EVAL script 0 …`. */
function saysNone(buf: Buffer): boolean {
  return to - from === 1 && buf[from] === 48
}

function seekBehindStreams(request: Frame): boolean {
  const { buf, end } = request
  let at = lineEnd(buf, request.start + (request.view as Ask).offset, end)
  for (let found = false; readArgument(buf, at, end); at = to + 2) {
    if (found) return true
    found = to - from === 7 && /^streams$/i.test(buf.toString('latin1', from, to))
  }
  return false
}

/** Finds the n-th argument, the name being number 0. */
function seek({ buf, start, end, view }: Frame, place: number): boolean {
  let at = lineEnd(buf, start + (view as Ask).offset, end)
  for (let i = 0; ; i++) {
    if (!readArgument(buf, at, end)) return false
    if (i === place) return true
    at = to + 2
  }
}

function readArgument(buf: Buffer, at: number, end: number): boolean {
  if (at >= end) return false
  const length = readNumber(buf, at + 1, end)
  if (length < 0 || behind + length > end) return false
  from = behind
  to = behind + length
  return true
}

function lineEnd(buf: Buffer, at: number, end: number): number {
  let place = at
  while (place < end && buf[place] !== LF) place++
  return place + 1
}

/** The argument as part of a method's name. */
function word(buf: Buffer): string | undefined {
  if (to === from || to - from > MOST_METHOD_BYTES) return undefined
  return names.text(buf, from, to).toUpperCase()
}
