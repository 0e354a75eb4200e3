import { type Command, Lane } from './command.ts'
import { bulk, error, simple } from './reply.ts'

/** What becomes of a command whose arguments decide. */
export type Decision =
  | { readonly kind: 'share' | 'own' | 'reset' | 'quit' }
  /** The client wants to speak another version from here on, if the host does. */
  | { readonly kind: 'hello'; readonly lane: Lane }
  | { readonly kind: 'say'; readonly bytes: Buffer }

/** What a client has said of itself. */
export interface Persona {
  lane: Lane
  /** Given by `CLIENT SETNAME`. */
  name: string
}

const SHARE: Decision = { kind: 'share' }
const OWN: Decision = { kind: 'own' }
const OK: Decision = { kind: 'say', bytes: simple('OK') }
const MOST_NAME = 1024

/**
 * Decides for the commands that clients begin a connection with, and others whose arguments tell. What says nothing that a
 * host must know is answered here, so that usual clients can share: `CLIENT SETINFO`, `CLIENT SETNAME`, `SELECT 0`.
 */
export function decide(command: Command, args: readonly Buffer[], persona: Persona): Decision {
  switch (command.name) {
    case 'HELLO':
      return hello(args)
    case 'SELECT':
      return args.length === 2 && args[1]!.toString('latin1') === '0' ? OK : OWN
    case 'CLIENT':
      return client(args, persona)
    // Behind the script that it is to end, on the same connection, it would wait for that.
    case 'SCRIPT':
    case 'FUNCTION':
      return is(args[1], 'KILL') ? OWN : SHARE
    case 'RESET':
      return { kind: 'reset' }
    case 'QUIT':
      return { kind: 'quit' }
    default:
      return blocks(args) ? OWN : SHARE
  }
}

function hello(args: readonly Buffer[]): Decision {
  if (args.length > 2) return OWN
  const version = args[1]?.toString('latin1')
  if (version === '2') return { kind: 'hello', lane: Lane.Resp2 }
  if (version === '3') return { kind: 'hello', lane: Lane.Resp3 }
  return SHARE
}

function client(args: readonly Buffer[], persona: Persona): Decision {
  const what = args[1]?.toString('latin1').toUpperCase()
  if (what === 'SETINFO' && args.length === 4) return OK
  if (what === 'GETNAME' && args.length === 2) return { kind: 'say', bytes: nameOf(persona) }
  if (what !== 'SETNAME' || args.length !== 3) return OWN
  const name = args[2]!.toString('latin1')
  if (name.length > MOST_NAME || !/^[!-~]*$/.test(name)) {
    const sentence = `a client's name is at most ${MOST_NAME} printable characters without spaces`
    return { kind: 'say', bytes: error(400, sentence) }
  }
  persona.name = name
  return OK
}

function nameOf({ lane, name }: Persona): Buffer {
  if (name !== '') return bulk(name)
  return Buffer.from(lane === Lane.Resp3 ? '_\r\n' : '$-1\r\n')
}

/** `XREAD BLOCK …`. */
function blocks(args: readonly Buffer[]): boolean {
  for (const arg of args) {
    if (is(arg, 'BLOCK')) return true
    if (is(arg, 'STREAMS')) return false
  }
  return false
}

function is(arg: Buffer | undefined, word: string): boolean {
  return arg?.length === word.length && arg.toString('latin1').toUpperCase() === word
}
