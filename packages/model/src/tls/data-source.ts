import {
  base64Text,
  exactlyOne,
  filledText,
  mapped,
  message,
  nullable,
  type Place,
  type Type,
  text,
  unused,
} from '../decode/index.ts'
import type { DataSource } from '../tls.ts'

/** Text in the environment, read when the configuration is. */
const variable: Type<string> = mapped(filledText, (name, at) => {
  const value = process.env[name]
  if (value === undefined && !at.troubled) at.say(`the environment has no variable "${name}"`)
  return value ?? ''
})

/** `envoy.config.core.v3.DataSource`, as secrets use it: a file that is watched, or text. */
export const secretSourceMessage: Type<DataSource> = message(
  'envoy.config.core.v3.DataSource (of a secret)',
  {
    filename: nullable(filledText, 'A file; it is read again when it changes.'),
    inline_string: nullable(text, 'The text itself.'),
    inline_bytes: nullable(base64Text, 'The text in base64.'),
    environment_variable: nullable(variable, 'The name of an environment variable that holds it.'),
    ...unused('watched_directory'),
  },
  ({ filename, inline_string, inline_bytes, environment_variable }, at) => {
    exactlyOne(at, { filename, inline_string, inline_bytes, environment_variable })
    if (filename !== null) return { kind: 'file', path: filename }
    return { kind: 'inline', text: inline_string ?? inline_bytes ?? environment_variable ?? '' }
  },
)

/** Complains of text in the configuration that holds no PEM with this label, or one that ends like it. */
export function needPem(source: DataSource, label: string, at: Place): void {
  if (source.kind === 'file' || source.text.includes(`${label}-----`)) return
  at.say(`holds no PEM: "-----BEGIN ${label}-----" is not in it`)
}
