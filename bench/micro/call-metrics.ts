import { Demand } from '@tulle/proxy'
import { FakeChain, FakeProtocol } from '@tulle/testkit'
import { callMetrics } from '../../packages/proxy/src/filter/call-metrics/call-metrics.ts'
import { Site } from '../../packages/proxy/src/site.ts'
import type { Stream } from '../../packages/proxy/src/stream.ts'

/*
 * What counting a call by its source, service and method costs: all that the filter does for a call, the names read out
 * of the request included. Names lie there as strings, as protocols that remember them hand them out.
 *
 *   sh bin/node bench/micro/call-metrics.ts
 */

const ROUND_MS = 200
const ROUNDS = 5
const CALLS = 1000

const protocol = new FakeProtocol('http/1.1')
/** So that what is read is read. */
let read = 0

measure('one name, no source', 1, '')
measure('300 names, no source', 100, '')
measure('300 names by source', 100, 'x-app')
measure('3000 names, 500 of them kept', 1000, 'x-app')
if (read === 0) throw new Error('nothing was read')

function measure(name: string, services: number, source_header: string): void {
  const { session } = new FakeChain()
  const settings = callMetrics.configure({ source_header }, 'bench', new Demand('http'))
  if (!settings.ok) throw new Error(JSON.stringify(settings.problems))
  const filter = callMetrics.create(settings.value, new Site())
  const streams: Stream[] = Array.from({ length: CALLS }, (_, i) => {
    const headers = {
      ':authority': `com.example.shop.Service${(i * 7919) % services}`,
      ':method': ['GET', 'PUT', 'POST'][i % 3]!,
      'x-app': 'front',
    }
    const stream = session.open(protocol.request(headers))
    stream.clusterName = 'shop'
    stream.status = 200
    return stream
  })
  const best = (count: (stream: Stream) => void): string => {
    const rounds = Array.from({ length: ROUNDS }, () => nanosecondsEach(streams, count))
    return Math.min(...rounds).toFixed(0)
  }
  const reading = best(({ request }) => {
    read += protocol.service(request)!.length + protocol.method(request)!.length
    if (source_header !== '') read += request.header(source_header)!.length
  })
  const counting = best((stream) => filter.onStreamEnd(stream))
  console.log(`${name}: ${counting} ns, of which the fake protocol reads names for ${reading} ns`)
}

function nanosecondsEach(streams: readonly Stream[], count: (stream: Stream) => void): number {
  const begun = performance.now()
  let rounds = 0
  let elapsed = 0
  while (elapsed < ROUND_MS) {
    for (const stream of streams) count(stream)
    rounds++
    elapsed = performance.now() - begun
  }
  return (elapsed * 1e6) / (rounds * streams.length)
}
