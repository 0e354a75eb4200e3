import { bootstrapMessage } from './bootstrap/decode.ts'
import { type OptionDoc, optionsOf } from './decode/index.ts'
import { routerMessage } from './listener/router.ts'

/** Every option of a configuration file, from the tables its decoders read by. */
export function optionReference(): readonly OptionDoc[] {
  return optionsOf(bootstrapMessage, routerMessage)
}

/** Options as Markdown: a heading for each message, a table of what is read, a line for what is not. */
export function referenceMarkdown(options: readonly OptionDoc[]): string {
  const messages = [...new Set(options.map(({ message }) => message))]
  return messages
    .map((name) =>
      section(
        name,
        options.filter(({ message }) => message === name),
      ),
    )
    .join('\n')
}

function section(name: string, options: readonly OptionDoc[]): string {
  const read = options.filter(({ type }) => type !== '')
  const table = ['| field | type | default | meaning |', '|---|---|---|---|', ...read.map(row)]
  return [
    `### ${name}\n`,
    ...(read.length > 0 ? [...table, ''] : []),
    ...line('Accepted, changes nothing', options, 'unused'),
    ...line('Not supported yet', options, 'unsupported'),
  ].join('\n')
}

function row({ field, type, default: fallback, help, support }: OptionDoc): string {
  const shown = support === 'required' ? '*required*' : fallback && `\`${fallback}\``
  return `| \`${field}\` | ${type} | ${shown} | ${help.replaceAll('|', '\\|')} |`
}

function line(
  title: string,
  options: readonly OptionDoc[],
  support: OptionDoc['support'],
): readonly string[] {
  const fields = options.filter((option) => option.support === support)
  if (fields.length === 0) return []
  return [`${title}: ${fields.map(({ field }) => `\`${field}\``).join(', ')}.`, '']
}
