import { parseArgs } from 'node:util'
import { runLoad } from './load.ts'
import type { LoadOptions } from './options.ts'
import { loadOptions } from './options.ts'

const USAGE = `A load generator for Bolt, HTTP/1.1 and Redis. Prints its report as one line of JSON.

  --protocol bolt|http|redis   what to speak
  --port PORT            where; --host HOST is 127.0.0.1 by default
  --connections N        connections, 8 by default
  --in-flight N          calls at once per connection (Bolt, Redis), 1 by default
  --rate N               calls a second, begun by the clock; without it every connection is kept busy
  --seconds S            how long to measure, 5 by default
  --warmup S             how long to run before that, uncounted, 0 by default
  --timeout MS           after which a call has failed, 10000 by default
  --body BYTES           size of the request's body
  --service NAME         the service called, the Host header, or the key
  --path NAME            the method called, or the path
  --header 'NAME: VALUE' one more header; may be repeated
`

const text = { type: 'string' } as const

const { values } = parseArgs({
  options: {
    protocol: text,
    host: text,
    port: text,
    connections: text,
    'in-flight': text,
    rate: text,
    seconds: text,
    warmup: text,
    timeout: text,
    body: text,
    service: text,
    path: text,
    header: { type: 'string', multiple: true },
    help: { type: 'boolean' },
  },
})

const { protocol } = values
if (
  values.help === true ||
  (protocol !== 'bolt' && protocol !== 'http' && protocol !== 'redis') ||
  values.port === undefined
) {
  process.stderr.write(USAGE)
  process.exit(values.help === true ? 0 : 2)
}

const report = await runLoad(
  loadOptions({ protocol, port: number('port', values.port), ...given() }),
  {
    warmupSeconds: number('warmup', values.warmup ?? '0'),
    seconds: number('seconds', values.seconds ?? '5'),
  },
)
process.stdout.write(`${JSON.stringify(report)}\n`)

function given(): Partial<LoadOptions> {
  return {
    ...optional('host', values.host),
    ...optional('service', values.service),
    ...optional('path', values.path),
    ...optional('connections', numeric('connections')),
    ...optional('inFlight', numeric('in-flight')),
    ...optional('ratePerSecond', numeric('rate')),
    ...optional('timeoutMs', numeric('timeout')),
    ...optional('bodyBytes', numeric('body')),
    headers: Object.fromEntries((values.header ?? []).map(split)),
  }
}

function numeric(
  name: 'connections' | 'in-flight' | 'rate' | 'timeout' | 'body',
): number | undefined {
  const value = values[name]
  return value === undefined ? undefined : number(name, value)
}

function number(name: string, value: string): number {
  const parsed = Number(value)
  if (value !== '' && Number.isFinite(parsed) && parsed >= 0) return parsed
  process.stderr.write(`--${name} wants a number, not "${value}"\n`)
  process.exit(2)
}

function optional<K extends string, V>(name: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [P in K]?: V })
}

function split(header: string): [string, string] {
  const colon = header.indexOf(':')
  return [header.slice(0, colon), header.slice(colon + 1).trim()]
}
