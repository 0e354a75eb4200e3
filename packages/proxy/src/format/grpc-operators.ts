import { type Operator, plain, type Read } from './operator.ts'

/** The codes of gRPC in their order, as its specification spells them. */
const NAMES: readonly string[] = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
]

/** `DeadlineExceeded`. Envoy writes two of them in a way of its own. */
const CAMEL: readonly string[] = NAMES.map((name) => {
  if (name === 'OK') return name
  if (name === 'CANCELLED') return 'Canceled'
  const words = name.toLowerCase().split('_')
  return words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('')
})

const number: Read = ({ callStatus }) => (callStatus < 0 ? null : callStatus)

const SPELLINGS: ReadonlyMap<string, Read> = new Map([
  ['CAMEL_STRING', named(CAMEL)],
  ['SNAKE_STRING', named(NAMES)],
  ['NUMBER', number],
])

/** How a call of gRPC ended. */
export const grpcOperators: Readonly<Record<string, Operator>> = {
  GRPC_STATUS: {
    help:
      'how a call of gRPC ended: `DeadlineExceeded`, or as the brackets say, ' +
      '`CAMEL_STRING`, `SNAKE_STRING` or `NUMBER`',
    argument: 'spelling',
    required: false,
    compile(argument, say): Read {
      const read = SPELLINGS.get(argument === '' ? 'CAMEL_STRING' : argument)
      if (read !== undefined) return read
      say(
        `"${argument}" is no spelling of a gRPC status; known: ${[...SPELLINGS.keys()].join(', ')}`,
      )
      return number
    },
  },
  GRPC_STATUS_NUMBER: plain('the same as a number', number),
}

/** A number that has no name is written as it is. */
function named(names: readonly string[]): Read {
  return ({ callStatus }) => (callStatus < 0 ? null : (names[callStatus] ?? String(callStatus)))
}
