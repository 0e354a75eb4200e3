import { describe, expect, test } from 'vitest'
import type { Bootstrap } from './bootstrap.ts'
import { loadBootstrap } from './load.ts'
import { diff, isUnchanged } from './snapshot.ts'

const ROUTER =
  '{ name: r, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }'

function listener(name: string, port: number, regex: string): string {
  return `
  - name: ${name}
    address: { socket_address: { address: 127.0.0.1, port_value: ${port} } }
    filter_chains:
    - filters:
      - name: http
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: x
          upgrade_configs: [{ upgrade_type: websocket }]
          http_filters: [{ name: f, typed_config: { "@type": x/tulle.F } }, ${ROUTER}]
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes:
              - match: { safe_regex: { regex: "${regex}" } }
                direct_response: { status: 200 }
                typed_per_filter_config: { f: { "@type": x/tulle.F } }`
}

function load(listeners: readonly string[], clusters: readonly string[]): Bootstrap {
  const text = `static_resources:\n  listeners:${listeners.join('') || ' []'}\n  clusters: [${clusters}]\n`
  const result = loadBootstrap(text, 'x.yaml')
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  return result.value
}

const names = (resources: readonly { readonly name: string }[]) => resources.map((it) => it.name)

describe('the difference between two snapshots', () => {
  test('is everything, when there was none before', () => {
    const after = load([listener('a', 1, 'x')], ['{ name: one }'])
    const { listeners, clusters } = diff(null, after)
    expect([names(listeners.added), names(clusters.added)]).toEqual([['a'], ['one']])
    expect([listeners.changed, listeners.removed, clusters.removed]).toEqual([[], [], []])
  })

  test('is nothing between two readings of the same file', () => {
    const read = () => load([listener('a', 1, 'x')], ['{ name: one }'])
    expect(isUnchanged(diff(read(), read()))).toBe(true)
  })

  test('does not see that resources changed their places in the file', () => {
    const [a, b] = [listener('a', 1, 'x'), listener('b', 2, 'x')]
    const before = load([a, b], ['{ name: one }', '{ name: two }'])
    const after = load([b, a], ['{ name: two }', '{ name: one }'])
    expect(isUnchanged(diff(before, after))).toBe(true)
  })

  test('tells added, changed and removed', () => {
    const before = load([listener('a', 1, 'x')], ['{ name: one }', '{ name: two }'])
    const after = load(
      [listener('a', 1, 'y')],
      ['{ name: two, connect_timeout: 1s }', '{ name: three }'],
    )
    const { listeners, clusters } = diff(before, after)
    expect(names(listeners.changed)).toEqual(['a'])
    expect(clusters.changed[0]).toMatchObject({ name: 'two', connectTimeoutMs: 1000 })
    expect(names(clusters.added)).toEqual(['three'])
    expect(names(clusters.removed)).toEqual(['one'])
  })
})
