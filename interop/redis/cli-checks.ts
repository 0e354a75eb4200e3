import { type Check, has, same } from '../checks.ts'
import { benchmark, cli } from './cli.ts'

const TESTS = 'ping,set,get,incr,lpush,rpop,sadd,hset,zadd,mset'
const EACH = 20_000

/** What redis-cli prints, and what redis-benchmark gets through. */
export function cliChecks(how: string, port: number): Check[] {
  const checks: Check[] = [
    [
      'commands as arguments, in RESP2 and RESP3',
      async () => {
        same('SET', (await cli(port, ['set', 'c:1', 'a b'])).trim(), 'OK')
        same('GET', (await cli(port, ['-3', 'get', 'c:1'])).trim(), 'a b')
        same('DEL', (await cli(port, ['del', 'c:1'])).trim(), '1')
      },
    ],
    [
      'commands as lines, a transaction and another database among them',
      async () => {
        const lines = 'set c:2 1\nmulti\nincr c:2\nexec\nselect 2\nget c:2\nselect 0\ndel c:2\n'
        const printed = (await cli(port, [], lines)).trim().split('\n')
        same('what was printed', printed.join(' '), 'OK OK QUEUED 2 OK  OK 1')
      },
    ],
    [
      'bulk loading by --pipe, ten thousand commands',
      async () => {
        const commands = Array.from({ length: 10_000 }, (_, i) => `SET pipe:${i} ${i}\r\n`)
        has(
          'what was printed',
          await cli(port, ['--pipe'], commands.join('')),
          'errors: 0, replies: 10000',
        )
        const script = "return #redis.call('KEYS', 'pipe:*')"
        same('how many are there', (await cli(port, ['eval', script, '0'])).trim(), '10000')
        await cli(port, [
          'eval',
          "for _, k in ipairs(redis.call('KEYS', 'pipe:*')) do redis.call('DEL', k) end",
          '0',
        ])
      },
    ],
    [
      'a listing of all commands, the most nested answer there is',
      async () =>
        has('what was printed', await cli(port, ['--json', 'command', 'docs']), '"summary"'),
    ],
    [
      `redis-benchmark, ${EACH} of each test, pipelined by 16`,
      async () => {
        const rates = await benchmark(port, ['-n', String(EACH), '-P', '16', '-t', TESTS])
        if (rates.size < 10) throw new Error(`only ${[...rates.keys()].join(', ')} came to an end`)
        const figures = [...rates].map(([test, rps]) => `${test} ${Math.round(rps / 1000)}k/s`)
        console.log(`    ${figures.join(', ')}`)
      },
    ],
  ]
  return checks.map(([sentence, find]) => [`redis-cli, ${how}: ${sentence}`, find])
}
