/**
 * `npm run interop`: foreign clients and servers talk to each other through proxies of ours.
 *
 *   npm run interop -- [SUITE…] [--update]
 *
 * A suite whose programs are not on this machine is not run, with a sentence that says how to get them; where CI is set,
 * they are installed, and a suite that still cannot be run has failed. INTEROP_PROXY names a program to run in our
 * proxy's place, with the same arguments.
 */
import { parseArgs } from 'node:util'
import { suite as browser } from './browser/suite.ts'
import { sum } from './checks.ts'
import { suite as curl } from './curl/suite.ts'
import { suite as grpc } from './grpc/suite.ts'
import { suite as h2spec } from './h2spec/suite.ts'
import { suite as http2 } from './http2/suite.ts'
import { suite as javaBolt } from './java/bolt/suite.ts'
import { suite as javaSofa } from './java/sofa/suite.ts'
import { install, type Need } from './need.ts'
import { suite as nghttp } from './nghttp/suite.ts'
import { suite as nginx } from './nginx/suite.ts'
import { suite as peers } from './peers/suite.ts'
import { suite as redis } from './redis/suite.ts'
import { suite as sofa } from './sofa/suite.ts'
import type { Count, Suite, SuiteOptions } from './suite.ts'
import { suite as ws } from './ws/suite.ts'

const suites: readonly Suite[] = [
  curl,
  h2spec,
  nghttp,
  http2,
  grpc,
  nginx,
  ws,
  redis,
  sofa,
  javaBolt,
  javaSofa,
  peers,
  browser,
]
const installs = /^(1|true)$/.test(process.env.CI ?? '')

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { update: { type: 'boolean', default: false } },
})
const unknown = positionals.find((name) => !suites.some((suite) => suite.name === name))
if (unknown !== undefined) {
  console.error(
    `interop: no suite "${unknown}"; known: ${suites.map(({ name }) => name).join(', ')}`,
  )
  process.exit(2)
}
const chosen = suites.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
if (installs) installMissing(chosen.flatMap(({ needs }) => needs))

const counts: Count[] = []
for (const suite of chosen) counts.push(await runSuite(suite, { update: values.update }))
const { passed, failed } = sum(...counts)
console.log(`\ninterop: ${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)

async function runSuite({ name, needs, run }: Suite, options: SuiteOptions): Promise<Count> {
  const lacking = needs.filter((need) => need.find() === null)
  console.log(`\n${name}`)
  if (lacking.length > 0) {
    for (const need of lacking)
      console.log(`  not run: ${need.name} is missing; get it by \`${need.get.join(' ')}\``)
    return { passed: 0, failed: installs ? 1 : 0 }
  }
  try {
    return await run(options)
  } catch (error) {
    console.log(`  ✗ ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    return { passed: 0, failed: 1 }
  }
}

function installMissing(needs: readonly Need[]): void {
  const lacking = needs.filter((need) => need.find() === null)
  if (lacking.length > 0) install(lacking)
}
