import { readFileSync } from 'node:fs'
import { type OptionDoc, optionsOf } from '@tulle/model'
import { describe, expect, it } from 'vitest'
import { operators } from '../format/operators.ts'
import { callMetrics } from './call-metrics/call-metrics.ts'
import { callMetricsMessage } from './call-metrics/settings.ts'
import { fault } from './fault/fault.ts'
import { faultMessage } from './fault/settings.ts'
import { grpcWeb } from './grpc-web/grpc-web.ts'
import { headerMutation, headers } from './headers/headers.ts'
import { headerMutationMessage, headersMessage } from './headers/settings.ts'
import { tracingMessage } from './tracing/settings.ts'
import { tracing } from './tracing/tracing.ts'

const doc = readFileSync(new URL('../../../../docs/filters.md', import.meta.url), 'utf8')
const rows = new Set(doc.split('\n').filter((line) => line.startsWith('| `')))

const options = optionsOf(
  faultMessage('http'),
  headersMessage('http'),
  headerMutationMessage('http'),
  tracingMessage,
  callMetricsMessage('http'),
)
  .filter(({ support }) => support === 'required' || support === 'optional')
  // Messages that other parts of the configuration hold too are documented there.
  .filter(({ message }) => /filters|mutation_rules/.test(message))

describe('docs/filters.md', () => {
  it('has a row for every option of a filter and every format operator, and no other', () => {
    const known = [...options.map(optionRow), ...Object.keys(operators).map(operatorRow)]
    expect([...rows].sort()).toEqual([...new Set(known)].sort())
  })

  it.each([fault, grpcWeb, headers, headerMutation, tracing, callMetrics])(
    'names the types of $name',
    ({ types }) => {
      for (const type of types) expect(doc).toContain(`\`${type}\``)
    },
  )
})

function optionRow({ field, type, support, default: fallback, help }: OptionDoc): string {
  const given = support === 'required' ? 'required' : fallback === '' ? '' : `\`${fallback}\``
  return `| \`${field}\` | ${type} | ${given} | ${help} |`
}

function operatorRow(name: string): string {
  const { argument, required, help } = operators[name]!
  const forms = [
    ...(required ? [] : [`\`%${name}%\``]),
    ...(argument === '' ? [] : [`\`%${name}(${argument})%\``]),
  ]
  return `| ${forms.join(', ')} | ${help} |`
}
