/** `typed_config` of a message. */
export function any(type: string, fields: object = {}): object {
  return { '@type': `type.googleapis.com/${type}`, ...fields }
}
