import { type Fields, message, optional, required } from './message.ts'
import type { Place } from './place.ts'
import { text } from './scalars.ts'
import { isObject, quoted, type Type } from './type.ts'

/** A `google.protobuf.Any` that was not looked into. */
export interface Unread {
  /** The message's full name: what stands behind the last `/` of `@type`. */
  readonly type: string
  /** The other fields. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly at: string
}

/** An Any whose message is read later, by whoever knows it. */
export const unreadAny: Type<Unread> = {
  name: 'Any',
  parts: [],
  message: null,
  read(value, at) {
    const opened = open(value, at)
    return opened ? { ...opened, at: at.path } : this.blank()
  },
  blank: () => ({ type: '', settings: {}, at: '' }),
  show: () => '',
}

/** An Any of one of these messages, each under its full name. */
export function any<T>(types: Readonly<Record<string, Type<T>>>): Type<T> {
  const known = Object.keys(types)
  const blank = types[known[0]!]!
  return {
    name: `Any of ${known.map((name) => types[name]!.name).join(', ')}`,
    parts: Object.values(types) as Type<unknown>[],
    message: null,
    read(value, at) {
      const opened = open(value, at)
      if (!opened) return blank.blank()
      if (Object.hasOwn(types, opened.type)) return types[opened.type]!.read(opened.settings, at)
      at.child('@type').say(`type "${opened.type}" is not supported; known here: ${list(known)}`)
      return blank.blank()
    },
    blank: () => blank.blank(),
    show: () => '',
  }
}

/** `{name, typed_config}`, as Envoy writes whatever can be plugged in; the type tells what it is, the name is for people. */
export function extension<T>(
  name: string,
  types: Readonly<Record<string, Type<T>>>,
  more: Fields = {},
): Type<T> {
  return message(
    name,
    {
      name: optional(text, '', 'For people.'),
      typed_config: required(any(types), 'What it is, by its `@type`, and its settings.'),
      ...more,
    },
    (it) => it.typed_config,
  )
}

function open(value: unknown, at: Place): { type: string; settings: Unread['settings'] } | null {
  if (!isObject(value)) {
    at.say(`must be an object with an "@type", not ${quoted(value)}`)
    return null
  }
  const { '@type': url, ...settings } = value
  if (url === undefined) {
    at.say('"@type" is missing: "type.googleapis.com/" and the name of the message')
    return null
  }
  const type = typeof url === 'string' ? /^.*\/([\w.]+)$/.exec(url)?.[1] : undefined
  if (type === undefined) {
    at.child('@type').say(
      `must be "type.googleapis.com/" and the name of a message, not ${quoted(url)}`,
    )
    return null
  }
  return { type, settings }
}

function list(names: readonly string[]): string {
  return names.join(', ')
}
