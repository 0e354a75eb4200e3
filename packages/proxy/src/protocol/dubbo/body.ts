import type { Frame } from '../../frame.ts'
import { HessianReader } from '../../transcode/hessian.ts'
import { Untranslatable } from '../../transcoder.ts'
import { Attached } from './attachments.ts'
import {
  HEADER_BYTES,
  isHessian,
  ResponseKind,
  Serialization,
  serializationAt,
  WITH_ATTACHMENTS,
} from './frame.ts'
import { header } from './header.ts'
import { descriptorOf } from './naming.ts'
import { place } from './place.ts'
import { skipInt } from './skip.ts'
import { skipString, textAt } from './text.ts'

/** What a generic call says in the place of its method. */
export const INVOKE = '$invoke'
/** Attachments by which Dubbo itself finds its way; the rest is the caller's. */
const OWN: ReadonlySet<string> = new Set([
  'path',
  'interface',
  'version',
  'group',
  'timeout',
  '_TO',
  'dubbo',
  'generic',
  'async',
  'return',
  'id',
])

/** Whether an attachment is Dubbo's own. */
export function isOwn(name: string): boolean {
  return OWN.has(name)
}

/** Throws `Untranslatable` where the body is written in another way. */
export function needHessian({ buf, start }: Frame): void {
  if (isHessian(buf, start)) return
  const id = serializationAt(buf, start)
  const name = id === Serialization.Fastjson2 ? 'fastjson2 (23)' : `serialisation ${id}`
  throw new Untranslatable('body', `is written by ${name}; only Hessian (2) is known here`)
}

/** What a method is called with: its arguments, and the descriptor of its parameters. */
export interface Called {
  readonly args: readonly unknown[]
  readonly descriptor: string
}

/** What the method takes; of a generic call what it carries for it. */
export function calledWith(request: Frame): Called {
  const { head, at, mapAt } = place.of(request)
  const { argumentCount, argumentsAt } = head!
  const reader = new HessianReader('final', request.buf.subarray(at + argumentsAt, mapAt))
  const read = Array.from({ length: argumentCount }, () => reader.read('arguments'))
  if (!isInvoke(request)) return { args: read, descriptor: descriptorIn(request) }
  const how = header(request, 'generic') ?? 'true'
  if (how !== 'true')
    throw new Untranslatable('arguments', `are generic in the way of "${how}"; only maps are known`)
  const [, types, args] = read.map((one) => one ?? [])
  if (!Array.isArray(args)) throw new Untranslatable('arguments', 'of a generic call are no list')
  const named = Array.isArray(types) && types.every((one) => typeof one === 'string')
  return { args, descriptor: named ? descriptorOf(types) : '' }
}

/** Dubbox has a number before it. */
function descriptorIn({ buf, end }: Frame): string {
  const from = place.at + place.head!.descriptorAt
  const behindNumber = skipInt(buf, from, end)
  return textAt(buf, Math.max(from, behindNumber), place.at + place.head!.argumentsAt)
}

/** Whether the frame's call is a generic one: what it names as its method is then not the one that is meant. */
export function isInvoke(request: Frame): boolean {
  const { head, at } = place.of(request)
  if (head === null || head.argumentCount !== 3) return false
  const name = textAt(request.buf, at + head.methodAt, at + head.descriptorAt)
  return name === INVOKE || name === `${INVOKE}Async`
}

/** How an answer of status "OK" went, whether it has attachments or not. */
export function kindOf({ buf, start }: Frame): number | undefined {
  const kind = buf[start + HEADER_BYTES]
  return kind !== undefined && kind >= ResponseKind.ExceptionAttachments
    ? kind - WITH_ATTACHMENTS
    : kind
}

/** The value or the exception of such an answer. */
export function resultIn({ buf, start, end }: Frame): unknown {
  return new HessianReader('final', buf.subarray(start + HEADER_BYTES + 1, end)).read('result')
}

/** The message that every answer but a good one has. */
export function messageOf({ buf, start, end }: Frame, status: number): string {
  const at = start + HEADER_BYTES
  const stop = isHessian(buf, start) ? skipString(buf, at, end) : -1
  return stop === -1 ? `the host answered status ${status}` : textAt(buf, at, stop)
}

/** Whether the client knows answers with attachments; it does from 2.0.2 of the protocol on. */
export function takesAttachments(request: Frame): boolean {
  const { head, at } = place.of(request)
  if (head === null || place.attached === Attached.Unknown) return false
  return answersAttachments(textAt(request.buf, at, at + head.serviceAt))
}

/**
 * A version of the protocol as Java weighs it. What older clients say is the version of their library, which is larger.
 */
export function answersAttachments(version: string): boolean {
  const parts = version.split('.').map((part) => Number(/^\d+/.exec(part)?.[0] ?? 'x'))
  if (parts.some(Number.isNaN)) return false
  const weight = parts.reduce((sum, part) => sum * 100 + part, 0) * (parts.length === 3 ? 100 : 1)
  return weight >= 2_000_200 && weight <= 2_009_900
}
