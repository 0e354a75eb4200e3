import { type Check, has, same } from '../checks.ts'
import { type Clients, refusal } from './clients.ts'

const MEBIBYTE = 1024 * 1024

/** What ioredis has to find, however many proxies are between. */
export function clientChecks(how: string, port: number, clients: Clients): Check[] {
  const connect = clients.to.bind(clients, port)
  const checks: Check[] = [
    [
      'twenty clients with pipelines of 100 each read what they wrote',
      async () => {
        const each = async (_: unknown, i: number): Promise<void> => {
          const client = connect()
          for (let round = 0; round < 5; round++) {
            const pipeline = client.pipeline()
            for (let n = 0; n < 50; n++) pipeline.set(`p:${i}:${n}`, `${round}`).get(`p:${i}:${n}`)
            const answers = await pipeline.exec()
            same('the count', answers!.length, 100)
            for (const [n, [error, value]] of answers!.entries()) {
              same('the error', error, null)
              same('the answer', value, n % 2 === 0 ? 'OK' : `${round}`)
            }
          }
          client.disconnect()
        }
        await Promise.all(Array.from({ length: 20 }, each))
      },
    ],
    [
      'a value of 1 MiB of any bytes comes back whole, and of 7 MiB',
      async () => {
        const client = connect()
        for (const size of [MEBIBYTE, 7 * MEBIBYTE]) {
          const value = Buffer.alloc(size, '\r\n$5\r\n\x00\xff*2\r\n', 'latin1')
          await client.set('big:1', value)
          same('that it is the same', value.equals((await client.getBuffer('big:1'))!), true)
        }
        await client.del('big:1')
      },
    ],
    [
      'a list of 100 000 elements is one answer',
      async () => {
        const client = connect()
        for (let i = 0; i < 10; i++)
          await client.rpush('list:1', ...Array.from({ length: 10_000 }, (_, n) => `${i}:${n}`))
        const list = await client.lrange('list:1', 0, -1)
        same('the length', list.length, 100_000)
        same('the last one', list.at(-1), '9:9999')
        await client.del('list:1')
      },
    ],
    [
      'every kind of value: hashes, sets, sorted sets, streams, scripts, scans, floats, nothing',
      async () => {
        const client = connect()
        await client.hset('h:1', { a: '1', b: '2' })
        same('the hash', JSON.stringify(await client.hgetall('h:1')), '{"a":"1","b":"2"}')
        await client.sadd('s:1', 'x', 'y')
        same('the set', (await client.smembers('s:1')).sort().join(), 'x,y')
        await client.zadd('z:1', 1.5, 'm')
        same('the score', String(await client.zscore('z:1', 'm')), '1.5')
        const id = await client.xadd('x:1', '*', 'field', 'value')
        const read = await client.xread('STREAMS', 'x:1', '0')
        same(
          'the stream',
          JSON.stringify(read),
          JSON.stringify([['x:1', [[id, ['field', 'value']]]]]),
        )
        same(
          'the script',
          await client.eval('return {1, {2, KEYS[1]}}', 1, 'k').then(String),
          '1,2,k',
        )
        const [, keys] = await client.scan('0', 'MATCH', 'h:*', 'COUNT', '100000')
        same('the scan', keys.includes('h:1'), true)
        same('nothing', await client.get('nothing:1'), null)
        await client.del('h:1', 's:1', 'z:1', 'x:1')
      },
    ],
    [
      "errors are the host's own, and stand in their place",
      async () => {
        const client = connect()
        await client.rpush('l:1', 'a')
        const answers = await client.pipeline().set('e:1', '1').get('l:1').get('e:1').exec()
        has('the error', String(answers![1]![0]), 'WRONGTYPE')
        same('the answer behind it', answers![2]![1], '1')
        has('a script', await refusal(client.evalsha('0'.repeat(40), 0)), 'NOSCRIPT')
        await client.del('l:1', 'e:1')
      },
    ],
    [
      'transactions: MULTI and EXEC, DISCARD, and WATCH of a key that another client changes',
      async () => {
        const [one, other] = [connect(), connect()]
        await other.set('t:1', '1')
        const done = await one.multi().incr('t:1').incr('t:1').exec()
        same('the answers', JSON.stringify(done), '[[null,2],[null,3]]')
        await one.watch('t:1')
        await other.set('t:1', '10')
        same('EXEC after a change', await one.multi().incr('t:1').exec(), null)
        same('the value', await other.get('t:1'), '10')
        const fails = await refusal(one.multi().incr('t:1').call('frobnicate').exec())
        has('a command that is none', fails, 'EXECABORT')
        await other.del('t:1')
      },
    ],
    [
      'channels and patterns: thirty subscribers hear a hundred messages each',
      async () => {
        const speaking = connect()
        const listening: ReturnType<typeof connect>[] = []
        const heard = Array.from({ length: 30 }, async (_, i) => {
          const client = connect()
          listening.push(client)
          let count = 0
          const all = new Promise<void>((resolve) => {
            const note = (): void => {
              if (++count === 100) resolve()
            }
            client.on('message', note)
            client.on('pmessage', note)
          })
          if (i % 2 === 0) await client.subscribe('news:1')
          else await client.psubscribe('news:*')
          return { all }
        })
        const all = await Promise.all(heard)
        for (let i = 0; i < 100; i++)
          same('how many heard it', await speaking.publish('news:1', `message ${i}`), 30)
        await Promise.all(all.map((one) => one.all))
        for (const client of listening) client.disconnect()
      },
    ],
    [
      'a subscriber that leaves all channels speaks as before',
      async () => {
        const client = connect()
        await client.subscribe('a')
        await client.unsubscribe('a')
        same('PING', await client.ping(), 'PONG')
      },
    ],
    [
      'blocking pops wait, and hold nobody up',
      async () => {
        const waiting = Array.from({ length: 5 }, () => connect())
        const popped = waiting.map((client) => client.blpop('q:1', 10))
        const client = connect()
        for (let i = 0; i < 5; i++) {
          same('PING meanwhile', await client.ping(), 'PONG')
          await client.lpush('q:1', `job ${i}`)
        }
        const jobs = (await Promise.all(popped)).map((one) => one![1])
        same('the jobs', jobs.sort().join(), 'job 0,job 1,job 2,job 3,job 4')
        same('a pop in vain', await waiting[0]!.blpop('q:1', 1), null)
        const id = waiting[1]!.xread('BLOCK', 5000, 'STREAMS', 'bx:1', '$')
        await client.ping()
        const added = setInterval(() => void client.xadd('bx:1', '*', 'a', 'b'), 50)
        same('a stream', (await id)![0]![0], 'bx:1')
        clearInterval(added)
        await client.del('bx:1')
      },
    ],
    [
      'clients with databases of their own do not see the others',
      async () => {
        const [null0, third] = [connect(), connect({ db: 3 })]
        await third.set('d:1', 'three')
        same('in database 0', await null0.get('d:1'), null)
        same('in database 3', await third.get('d:1'), 'three')
        await null0.select(3)
        same('after SELECT', await null0.get('d:1'), 'three')
        await third.del('d:1')
      },
    ],
    [
      'RESP2 and RESP3 side by side, each with its own kinds of values',
      async () => {
        const [old, young] = [connect({ protocol: 2 }), connect()]
        await old.hset('m:1', { a: 'b' })
        const ask = (client: typeof old): Promise<unknown> => client.call('HGETALL', 'm:1')
        const [two, three] = [await ask(old), await ask(young)]
        same('in RESP2', JSON.stringify(two), '["a","b"]')
        has('in RESP3', JSON.stringify(three), '"a"')
        await old.del('m:1')
      },
    ],
    [
      'a name is kept, on a connection of its own, too',
      async () => {
        const client = connect({ connectionName: 'checker' })
        same('the name', await client.client('GETNAME'), 'checker')
        await client.select(1)
        same('the name there', await client.client('GETNAME'), 'checker')
      },
    ],
    ['QUIT is answered', async () => same('the answer', await connect().quit(), 'OK')],
  ]
  return checks.map(([sentence, find]) => [`ioredis, ${how}: ${sentence}`, find])
}

/** With a password, which is the client's to say. */
export function passwordChecks(how: string, port: number, clients: Clients): Check[] {
  const checks: Check[] = [
    [
      'with the password it is served, and shares nothing with those without',
      async () => {
        const known = clients.to(port, { password: 'secret' })
        same('the answer', await known.set('s:1', '1'), 'OK')
        has(
          'without',
          await refusal(clients.to(port, { enableReadyCheck: false }).get('s:1')),
          'NOAUTH',
        )
        same('the value', await known.get('s:1'), '1')
      },
    ],
    [
      'with the wrong one it is not',
      async () => {
        const wrong = clients.to(port, { password: 'guessed', enableReadyCheck: false })
        has('the error', await refusal(wrong.get('s:1')), /NOAUTH|WRONGPASS|Connection is closed/)
      },
    ],
  ]
  return checks.map(([sentence, find]) => [`ioredis, ${how}: ${sentence}`, find])
}
