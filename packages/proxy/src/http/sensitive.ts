/** Cookies below this can be guessed; longer ones are worth their place in a table. */
const GUESSABLE = 20

/** Whether a field must not be remembered by a table that others can probe (RFC 7541 §7.1.3). The name in lower case. */
export function isSensitive(name: string, value: string): boolean {
  switch (name) {
    case 'authorization':
    case 'proxy-authorization':
      return true
    case 'cookie':
    case 'set-cookie':
      return value.length < GUESSABLE
    default:
      return false
  }
}
