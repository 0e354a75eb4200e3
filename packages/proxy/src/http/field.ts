const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const VALUE = /^[\x21-\x7e\x80-\xff]([\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?$/

/**
 * Whether HTTP can say this in a field (RFC 9110 §5.5, §5.6.2): what other protocols call headers may be any text, line
 * ends too.
 */
export function isField(name: string, value: string): boolean {
  return NAME.test(name) && VALUE.test(value)
}
