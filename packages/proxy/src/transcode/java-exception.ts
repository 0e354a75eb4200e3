import type { Struct } from '@tulle/model'
import { type ExceptionAnswer, Untranslatable, type Value } from '../transcoder.ts'
import { exceptionText } from './exception-text.ts'
import { JavaObject, type Typed } from './hessian.ts'
import { fromJava } from './java-read.ts'
import { JavaWriting, typed } from './java-write.ts'

const RUNTIME = 'java.lang.RuntimeException'
/** What a host throws at a generic call; before it had its present package it had the other. */
const GENERIC = 'org.apache.dubbo.rpc.service.GenericException'
const GENERIC_NAMES: readonly string[] = [GENERIC, 'com.alibaba.dubbo.rpc.service.GenericException']
/** What every exception has, and nobody but a debugger reads. */
const OF_ALL: ReadonlySet<string> = new Set([
  'detailMessage',
  'cause',
  'stackTrace',
  'suppressedExceptions',
])
const MAX_CAUSES = 8
const CLASS_NAME = /^(?:[a-z_$][\w$]{0,63}\.){1,16}[A-Z_$][\w$]{0,127}$/

/** Whether an object is an exception, by what only those have. */
export function isException(read: unknown): read is JavaObject {
  return (
    read instanceof JavaObject && read.fields.has('detailMessage') && read.fields.has('stackTrace')
  )
}

/** An exception as it was read; anything else is its text. */
export function thrown(
  read: unknown,
  structs: ReadonlyMap<string, Struct>,
  headers: ReadonlyMap<string, string>,
): ExceptionAnswer {
  if (!(read instanceof JavaObject))
    return { kind: 'exception', type: '', message: String(read), detail: null, headers }
  const { className, fields } = read
  if (GENERIC_NAMES.includes(className)) {
    const type = text(fields.get('exceptionClass'))
    return { kind: 'exception', type, message: genericMessage(fields), detail: null, headers }
  }
  const message = messageOf(read)
  return { kind: 'exception', type: className, message, detail: detailOf(read, structs), headers }
}

/** The same written so that Java can throw it. A name that is no class of Java stands in the message. */
export function throwable(
  { type, message, detail }: ExceptionAnswer,
  structs: ReadonlyMap<string, Struct>,
  generic = false,
): Typed {
  if (generic)
    return typed(GENERIC, {
      ...ofAll(message),
      exceptionClass: type || RUNTIME,
      exceptionMessage: message,
    })
  const className = classFor(type, structs)
  if (className === null)
    return typed(RUNTIME, ofAll(exceptionText({ type: type === RUNTIME ? '' : type, message })))
  return typed(className, { ...ofAll(message), ...written(className, detail, structs) })
}

function ofAll(message: string): Record<string, unknown> {
  return {
    detailMessage: message,
    cause: null,
    stackTrace: typed('[java.lang.StackTraceElement', []),
  }
}

/** A struct may be called by its own name: other protocols know no classes. */
function classFor(type: string, structs: ReadonlyMap<string, Struct>): string | null {
  const declared = structs.get(type)?.java ?? ''
  if (declared !== '') return declared
  return CLASS_NAME.test(type) ? type : null
}

function written(
  className: string,
  detail: Value,
  structs: ReadonlyMap<string, Struct>,
): Record<string, unknown> {
  if (typeof detail !== 'object' || detail === null) return {}
  if (Array.isArray(detail) || detail instanceof Date || detail instanceof Uint8Array) return {}
  const writing = new JavaWriting(structs)
  const struct = structOf(className, structs)
  const fields = Object.entries(detail as Record<string, Value>).filter(
    ([name]) => !OF_ALL.has(name),
  )
  return Object.fromEntries(
    fields.map(([name, one]) => {
      const member = struct?.fields.find((field) => field.name === name)
      return [name, writing.value(one, member?.type ?? { kind: 'any' }, member?.java)]
    }),
  )
}

function structOf(className: string, structs: ReadonlyMap<string, Struct>): Struct | undefined {
  for (const struct of structs.values()) if (struct.java === className) return struct
  return undefined
}

/** Its own, or that of what caused it. */
function messageOf(exception: JavaObject): string {
  let one: unknown = exception
  for (let i = 0; i < MAX_CAUSES && one instanceof JavaObject; i++) {
    const message = text(one.fields.get('detailMessage'))
    if (message !== '') return message
    one = one.fields.get('cause') ?? one.fields.get('undeclaredThrowable')
  }
  return ''
}

function genericMessage(fields: ReadonlyMap<string, unknown>): string {
  return text(fields.get('exceptionMessage')) || text(fields.get('detailMessage'))
}

/** What it has beyond all others. What cannot be said of it is left out: the exception itself is worth more. */
function detailOf({ className, fields }: JavaObject, structs: ReadonlyMap<string, Struct>): Value {
  const own = new JavaObject(className)
  for (const [name, one] of fields) if (!OF_ALL.has(name)) own.fields.set(name, one)
  if (own.fields.size === 0) return null
  const struct = structOf(className, structs)
  try {
    return fromJava(
      new Map(own.fields),
      struct === undefined ? { kind: 'any' } : { kind: 'struct', name: struct.name },
      structs,
      'exception',
    )
  } catch (error) {
    if (error instanceof Untranslatable) return null
    throw error
  }
}

function text(read: unknown): string {
  return typeof read === 'string' ? read : ''
}
