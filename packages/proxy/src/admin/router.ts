import type { Clock } from '@tulle/core'
import { readAssets } from './assets.ts'
import { controlEndpoints } from './control.ts'
import type { Ask, Endpoint } from './endpoint.ts'
import { type Reply, text } from './reply.ts'
import { statsEndpoints } from './stats.ts'
import type { AdminSubject } from './subject.ts'
import { viewEndpoints } from './views.ts'

/** From a verb and a path to an answer. */
export interface Router {
  readonly endpoints: readonly Endpoint[]
  answer(method: string, ask: Ask): Reply | Promise<Reply>
}

/** Everything the admin side knows, page included. */
export function createRouter(subject: AdminSubject, clock: Clock): Router {
  const assets = readAssets()
  const endpoints: Endpoint[] = [
    {
      path: '/',
      help: 'the page for people: rates, latencies, hosts and their health, alive',
      get: () => assets.get('/')!,
      post: null,
    },
    ...controlEndpoints(subject, clock),
    ...statsEndpoints(subject, clock),
    ...viewEndpoints(subject),
    { path: '/help', help: 'this list', get: () => text(help(endpoints)), post: null },
  ]
  const byPath = new Map(endpoints.map((one) => [one.path, one]))
  const paths = [...byPath.keys()].join(', ')
  return {
    endpoints,
    answer(method, ask) {
      const reads = method === 'GET' || method === 'HEAD'
      const asset = assets.get(ask.path)
      if (asset !== undefined && reads) return asset
      const found = byPath.get(ask.path)
      if (found === undefined) return text(`no "${ask.path}" here; known: ${paths}`, 404)
      if (reads) return found.get(ask)
      if (method === 'POST' && found.post !== null) return found.post(ask)
      return wrongVerb(method, found)
    },
  }
}

function wrongVerb(method: string, { path, post }: Endpoint): Reply {
  const allow = post === null ? 'GET' : 'GET or POST'
  const sentence = `${path} does not know ${method}; use ${allow}`
  return { ...text(sentence, 405), allow: post === null ? 'GET, HEAD' : 'GET, HEAD, POST' }
}

function help(endpoints: readonly Endpoint[]): string {
  const width = Math.max(...endpoints.map(({ path }) => path.length)) + 2
  return endpoints.map((one) => `${one.path.padEnd(width)}${one.help}\n`).join('')
}
