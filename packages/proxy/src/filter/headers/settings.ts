import {
  exactlyOne,
  type HeaderEdit,
  headerEditMessage,
  headerName,
  list,
  mapOf,
  mapped,
  message,
  nullable,
  optional,
  type Place,
  required,
  type Type,
  text,
  unsupported,
  unused,
} from '@tulle/model'
import { compileFormat, type Format } from '../../format.ts'
import type { Edit } from '../../frame.ts'

/** One header to change. */
export interface Change {
  readonly name: string
  readonly action: HeaderEdit['action'] | 'remove'
  readonly format: Format
  /** The edit itself, where it is the same for every message. */
  readonly edit: Edit | null
}

/** What is done to requests and answers, in order. */
export interface HeadersSettings {
  readonly request: readonly Change[]
  readonly response: readonly Change[]
}

export type Speech = 'http' | 'rpc'

/** Headers that say how long a message is or what becomes of its connection: the protocol alone writes them. */
const FRAMING = ['content-length', 'transfer-encoding', 'connection', 'upgrade', 'keep-alive', 'te']

const NOTHING: Format = () => ''

/** `tulle.filters.v1.Headers`. */
export function headersMessage(speech: Speech): Type<HeadersSettings> {
  const names = mapped(list(headerName), (all, at) =>
    all.map((name, index) => change(speech, name, 'remove', '', at.child(index))),
  )
  const values = (action: Change['action']): Type<readonly Change[]> =>
    mapped(mapOf(text), (all, at) =>
      Object.entries(all).map(([name, template]) => {
        const place = at.child(name)
        return change(speech, headerName.read(name, place), action, template, place)
      }),
    )
  const side = message(
    'tulle.filters.v1.Headers.Changes',
    {
      remove: optional(names, [], 'Names of headers to remove, before others are set.'),
      set: optional(
        values('overwrite'),
        [],
        'Headers and the values they get in place of what they had.',
      ),
      set_if_absent: optional(
        values('add-if-absent'),
        [],
        'Headers and the values they get if there are none.',
      ),
      add: optional(values('append'), [], 'Headers and values they get beside what they had.'),
    },
    (it) => [...it.remove, ...it.set, ...it.set_if_absent, ...it.add],
  )
  return message(
    'tulle.filters.v1.Headers',
    {
      request: optional(side, [], 'What is done to requests.'),
      response: optional(side, [], 'What is done to answers, also those of the proxy itself.'),
    },
    (it) => it,
  )
}

/** `envoy.extensions.filters.http.header_mutation.v3.HeaderMutation`. */
export function headerMutationMessage(speech: Speech): Type<HeadersSettings> {
  const mutation = message(
    'envoy.config.common.mutation_rules.v3.HeaderMutation',
    {
      remove: nullable(headerName, 'A header to remove.'),
      append: nullable(headerEditMessage, 'A header to set or add, as `append_action` says.'),
      ...unsupported('remove_on_match'),
    },
    ({ remove, append }, at) => {
      exactlyOne(at, { remove, append })
      if (append === null) return change(speech, remove ?? '', 'remove', '', at.child('remove'))
      const place = at.child('append').child('header')
      return change(speech, append.name, append.action, append.value, place)
    },
  )
  const mutations = message(
    'envoy.extensions.filters.http.header_mutation.v3.Mutations',
    {
      request_mutations: optional(list(mutation), [], 'What is done to requests, in order.'),
      response_mutations: optional(list(mutation), [], 'What is done to answers, in order.'),
      ...unsupported(
        'query_parameter_mutations',
        'request_trailer_mutations',
        'response_trailer_mutations',
      ),
    },
    (it) => ({ request: it.request_mutations, response: it.response_mutations }),
  )
  return message(
    'envoy.extensions.filters.http.header_mutation.v3.HeaderMutation',
    {
      mutations: required(mutations, 'What is done.'),
      ...unused('most_specific_header_mutations_wins'),
    },
    (it) => it.mutations,
  )
}

function change(
  speech: Speech,
  name: string,
  action: Change['action'],
  template: string,
  at: Place,
): Change {
  if (speech === 'http' && FRAMING.includes(name.toLowerCase()))
    at.say(`"${name}" is written by the proxy itself, from the message and its connection`)
  if (/[\r\n\0]/.test(template)) at.say('must not hold a line break or a NUL')
  const format = compileFormat(template, { missing: '' })
  if (!format.ok) for (const { what } of format.problems) at.say(what)
  const known = speech === 'http' ? name.toLowerCase() : name
  return {
    name: known,
    action,
    format: format.ok ? format.value : NOTHING,
    edit: constantEdit(known, action, template),
  }
}

/** Null where the value, or whether there is one, is only known with the message. */
function constantEdit(name: string, action: Change['action'], template: string): Edit | null {
  if (action === 'remove') return { name, value: null, append: false }
  const constant = template !== '' && !template.includes('%')
  if (!constant || (action !== 'overwrite' && action !== 'append')) return null
  return { name, value: template, append: action === 'append' }
}
