import type { Frame } from '../../frame.ts'
import { HessianReader } from '../../transcode/hessian.ts'
import { Untranslatable } from '../../transcoder.ts'
import { Attached } from './attachments.ts'
import { body } from './body.ts'
import {
  HEADER_BYTES,
  isHessian,
  ResponseKind,
  Serialization,
  serializationAt,
  WITH_ATTACHMENTS,
} from './frame.ts'
import { each, header } from './header.ts'
import { skipString, textAt } from './text.ts'

/** What a generic call says in the place of its method. */
export const INVOKE = '$invoke'
/** Attachments by which Dubbo itself finds its way; the rest is the caller's. */
export const OWN: ReadonlySet<string> = new Set([
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
/** Throws `Untranslatable` where the body is written in another way. */
export function needHessian({ buf, start }: Frame): void {
  if (isHessian(buf, start)) return
  const id = serializationAt(buf, start)
  const name = id === Serialization.Fastjson2 ? 'fastjson2 (23)' : `serialisation ${id}`
  throw new Untranslatable('body', `is written by ${name}; only Hessian (2) is known here`)
}

/** What the method takes; of a generic call what it carries for it. */
export function argumentsOf(request: Frame): unknown[] {
  const { head, at, mapAt } = body.of(request)
  const count = head!.argumentCount
  const bytes = request.buf.subarray(at + head!.argumentsAt, mapAt)
  const reader = new HessianReader('final', bytes)
  const read = Array.from({ length: count }, () => reader.read('arguments'))
  if (!isInvoke(request)) return read
  const how = header(request, 'generic') ?? 'true'
  if (how !== 'true')
    throw new Untranslatable('arguments', `are generic in the way of "${how}"; only maps are known`)
  const args = read[2] ?? []
  if (Array.isArray(args)) return args as unknown[]
  throw new Untranslatable('arguments', 'of a generic call are no list')
}

/** Whether the frame's call is a generic one: what it names as its method is then not the one that is meant. */
export function isInvoke(request: Frame): boolean {
  const { head, at } = body.of(request)
  if (head === null || head.argumentCount !== 3) return false
  const name = textAt(request.buf, at + head.methodAt, at + head.descriptorAt)
  return name === INVOKE || name === `${INVOKE}Async`
}

/** What travels beside the arguments or the result, without what Dubbo finds its way by. */
export function headersOf(frame: Frame): Map<string, string> {
  const headers = new Map<string, string>()
  each(frame, (name, value) => {
    if (!OWN.has(name)) headers.set(name, value)
  })
  return headers
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
  const { head, at } = body.of(request)
  if (head === null || body.attached === Attached.Unknown) return false
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
