import { certsIn } from './certificates.ts'
import { configPath } from './config.ts'
import { type Member, pageUrl } from './crew.ts'
import type { Place } from './places.ts'
import type { Second } from './traffic.ts'

/** What there is to try, for a shop that has just opened. */
export function suggestions(members: readonly Member[], folder: string): string {
  const find = (name: string): Member => members.find(({ place }) => place.name === name)!
  const front = find('front')
  const stock = find('stock-1')
  const price = find('price-1')
  const page = pageUrl(front.place)
  const file = configPath(folder, price.place)
  const { inbound } = front.place
  const config = `http://127.0.0.1:${front.place.admin}/config_dump`
  return `The shop is open: prices over HTTP and gRPC, stock over Bolt, parcels over Dubbo, mutual TLS. Ctrl-C closes it.

  the page         ${page}
  a call           curl ${page}fruits/apple
  by HTTP/2        curl --http2-prior-knowledge ${page}fruits/apple
  by gRPC          sh bin/node examples/shop/ask.ts 127.0.0.1:${inbound} apple
  JSON to Dubbo    curl ${page}parcels -d '{"fruit":"apple","pieces":3}'
                   parcel asks stock, which speaks Bolt, which asks price, which speaks HTTP
  misspelt         curl ${page}parcels -d '{"fruit":"apple","peices":3}'
  an exception     curl ${page}parcels -d '{"fruit":"apple","pieces":0}'
  what is declared curl ${config}   under "services" of the cluster "parcel"
  with TLS         certs=${certsIn(folder)}
                   curl --cacert $certs/ca.pem https://localhost:${inbound}/fruits/apple
  one hop          curl --cacert $certs/ca.pem https://localhost:${price.place.inbound}/prices/apple
                   is refused; as front: --cert $certs/front.pem --key $certs/front-key.pem
  lose a provider  kill -9 ${stock.app.pid}   (stock-1; or its sidecar: kill -9 ${stock.sidecar.pid})
  break an answer  change a 0 under "fault" in ${file} and save; watch it be felt, or not
  make a mistake   in the same file: it is refused, and calls go on; npx tulle check FILE says what is wrong
`
}

const HEADER = ['', 'app pid', 'port', 'sidecar pid', 'port', 'page of the sidecar', 'seen as']

/** Everybody's line: processes, ports, page, and how front's sidecar sees them. It fits 80 columns. */
export function table(
  members: readonly Member[],
  health: ReadonlyMap<string, string>,
): readonly string[] {
  const rows = members.map(({ place, app, sidecar }) => [
    place.name,
    String(app.pid || 'gone'),
    String(place.app),
    String(sidecar.pid || 'gone'),
    String(place.inbound),
    `http://127.0.0.1:${place.admin}/`,
    healthOf(place, health),
  ])
  const all = [HEADER, ...rows]
  const widths = HEADER.map((_, i) => Math.max(...all.map((row) => row[i]!.length)))
  return all.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  )
}

function healthOf({ trade, inbound }: Place, health: ReadonlyMap<string, string>): string {
  return trade === 'front' ? '' : (health.get(`127.0.0.1:${inbound}`) ?? 'unknown')
}

/** One second in a line, with those whom front's sidecar leaves out at the moment. */
export function secondLine(
  second: Second,
  failedSoFar: number,
  members: readonly Member[],
  health: ReadonlyMap<string, string>,
): string {
  const { calls, failed, p50, p99, answers } = second
  const shares = Object.entries(answers)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => `${name} ${count}`)
  const out = members
    .filter(({ place }) => healthOf(place, health) === 'unhealthy')
    .map(({ place }) => place.name)
  return [
    `${calls} calls/s, ${failed} failed (${failedSoFar} so far)`,
    `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
    out.length === 0 ? 'all healthy' : `left out: ${out.join(', ')}`,
    `answered by ${shares.join(', ') || 'nobody'}`,
  ].join(' | ')
}
