import {
  filledText,
  fixed,
  list,
  mapped,
  message,
  optional,
  type Place,
  type Type,
  text,
  unsupported,
} from '../decode/index.ts'
import type { FilterChain } from '../listener.ts'

/** Which connections a chain takes. */
export type ChainMatch = Pick<FilterChain, 'transport' | 'serverNames' | 'protocols'>

const PROTOCOLS: Readonly<Record<string, string>> = { 'http/1.0': 'http/1.1', h2c: 'h2' }

const protocolName: Type<string> = mapped(filledText, (name) => PROTOCOLS[name] ?? name)

const serverName: Type<string> = mapped(filledText, (name, at) => {
  if (name === '*') at.say('every name is meant when none is given; leave "server_names" out')
  else if (!/^(\*\.)?[^*]*$/.test(name))
    at.say(`"${name}" has a "*" that is not the whole first label: write "*.example.com"`)
  return name.toLowerCase()
})

const transportName: Type<ChainMatch['transport']> = mapped(text, (name, at) => {
  if (name === 'tls') return 'tls'
  if (name === 'raw_buffer') return 'plain'
  if (name !== '') at.say(`must be "raw_buffer" or "tls", not ${JSON.stringify(name)}`)
  return 'any'
})

/** `envoy.config.listener.v3.FilterChainMatch`. */
export const chainMatchMessage: Type<ChainMatch> = message(
  'envoy.config.listener.v3.FilterChainMatch',
  {
    transport_protocol: optional(
      transportName,
      'any',
      '`tls` or `raw_buffer`, which is in the clear; both when nothing is said.',
    ),
    server_names: optional(
      list(serverName),
      [],
      'Server names that TLS clients ask for: exact, or `*.suffix`.',
    ),
    application_protocols: optional(
      list(protocolName),
      [],
      'What connections in the clear speak, or TLS offers: `h2` or `h2c`, `http/1.0` or `http/1.1`, an RPC protocol.',
    ),
    ...fixed({ source_type: 'ANY' }),
    ...unsupported(
      'destination_port',
      'prefix_ranges',
      'address_suffix',
      'suffix_len',
      'direct_source_prefix_ranges',
      'source_prefix_ranges',
      'source_ports',
    ),
  },
  (it, at) => {
    const named = it.server_names.length > 0
    if (named && it.transport_protocol === 'plain')
      at.say('only TLS asks for a server name; remove "server_names" or "transport_protocol"')
    return {
      transport: named ? 'tls' : it.transport_protocol,
      serverNames: [...new Set(it.server_names)],
      protocols: [...new Set(it.application_protocols)],
    }
  },
)

/** Complains when two chains want the same connections. `places` are where they stand. */
export function needDistinctChains(chains: readonly FilterChain[], places: readonly Place[]): void {
  const taken = new Set<string>()
  chains.forEach((chain, index) => {
    for (const name of some(chain.serverNames)) {
      for (const protocol of some(chain.protocols)) {
        const key = JSON.stringify([chain.transport, name, protocol])
        if (taken.has(key)) places[index]!.say(conflict(chain, name, protocol))
        taken.add(key)
      }
    }
  })
}

function some(names: readonly string[]): readonly string[] {
  return names.length === 0 ? [''] : names
}

function conflict({ transport }: FilterChain, name: string, protocol: string): string {
  const what = protocol ? `takes "${protocol}"` : 'takes all protocols'
  const where = name
    ? ` of "${name}"`
    : { any: '', tls: ' over TLS', plain: ' in the clear' }[transport]
  const fields =
    transport === 'tls' ? '"server_names" or "application_protocols"' : '"application_protocols"'
  return `a chain before it ${what}${where} already; give each its own ${fields}`
}
