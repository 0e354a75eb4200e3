import {
  boolean,
  choice,
  type Field,
  filledText,
  list,
  mapped,
  message,
  nullable,
  optional,
  required,
  type Type,
  text,
  unsupported,
} from '../decode/index.ts'
import { type HeaderEdit, type HeaderEdits, NO_EDITS } from '../route.ts'

/** The name of a header that configuration may change. */
export const headerName: Type<string> = mapped(filledText, (name, at) => {
  if (name.startsWith(':') || name.toLowerCase() === 'host')
    at.say(`"${name}" cannot be changed here; a route's action rewrites host and path`)
  else if (name !== '' && !/^[\w!#$%&'*+.^`|~-]+$/.test(name))
    at.say(`"${name}" is not a name of a header`)
  return name
})

const headerValue: Type<string> = mapped(text, (value, at) => {
  if (/[\r\n\0]/.test(value)) at.say('must not hold a line break or a NUL')
  return value
})

const headerMessage = message(
  'envoy.config.core.v3.HeaderValue',
  {
    key: required(headerName, 'The name of the header.'),
    value: optional(headerValue, '', 'The value, which may hold format operators.'),
    ...unsupported('raw_value'),
  },
  (it) => it,
)

const appendAction = choice(
  ['APPEND_IF_EXISTS_OR_ADD', 'ADD_IF_ABSENT', 'OVERWRITE_IF_EXISTS_OR_ADD', 'OVERWRITE_IF_EXISTS'],
  {
    APPEND_IF_EXISTS_OR_ADD: 'append',
    ADD_IF_ABSENT: 'add-if-absent',
    OVERWRITE_IF_EXISTS_OR_ADD: 'overwrite',
    OVERWRITE_IF_EXISTS: 'overwrite-if-exists',
  },
)

/** `envoy.config.core.v3.HeaderValueOption`. */
export const headerEditMessage: Type<HeaderEdit> = message(
  'envoy.config.core.v3.HeaderValueOption',
  {
    header: required(headerMessage, 'Name and value.'),
    append_action: nullable(
      appendAction,
      'What to do when the header is there already; `APPEND_IF_EXISTS_OR_ADD` when nothing is said.',
    ),
    append: nullable(
      boolean,
      'The older spelling: true is `APPEND_IF_EXISTS_OR_ADD`, false is `OVERWRITE_IF_EXISTS_OR_ADD`.',
    ),
    ...unsupported('keep_empty_value'),
  },
  ({ header, append_action, append }, at) => {
    if (append !== null && append_action !== null)
      at.say('"append" is the older spelling of "append_action"; give only one of them')
    const action = append_action ?? (append === false ? 'overwrite' : 'append')
    return { name: header.key, value: header.value, action }
  },
)

const toAdd = list(headerEditMessage)
const toRemove = list(headerName)

/** The four fields by which configuration, virtual host, route and weighted cluster edit headers. */
export const HEADER_EDIT_FIELDS: {
  readonly request_headers_to_add: Field<readonly HeaderEdit[]>
  readonly request_headers_to_remove: Field<readonly string[]>
  readonly response_headers_to_add: Field<readonly HeaderEdit[]>
  readonly response_headers_to_remove: Field<readonly string[]>
} = {
  request_headers_to_add: optional(toAdd, [], 'Headers added to requests.'),
  request_headers_to_remove: optional(toRemove, [], 'Headers removed from requests.'),
  response_headers_to_add: optional(toAdd, [], 'Headers added to responses.'),
  response_headers_to_remove: optional(toRemove, [], 'Headers removed from responses.'),
}

interface EditValues {
  readonly request_headers_to_add: readonly HeaderEdit[]
  readonly request_headers_to_remove: readonly string[]
  readonly response_headers_to_add: readonly HeaderEdit[]
  readonly response_headers_to_remove: readonly string[]
}

/** The edits those four fields make. */
export function headerEdits(it: EditValues): {
  readonly requestHeaders: HeaderEdits
  readonly responseHeaders: HeaderEdits
} {
  return {
    requestHeaders: edits(it.request_headers_to_remove, it.request_headers_to_add),
    responseHeaders: edits(it.response_headers_to_remove, it.response_headers_to_add),
  }
}

function edits(remove: readonly string[], add: readonly HeaderEdit[]): HeaderEdits {
  return remove.length === 0 && add.length === 0 ? NO_EDITS : { remove, add }
}
