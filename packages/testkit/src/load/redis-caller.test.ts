import fc from 'fast-check'
import { expect, it } from 'vitest'
import { runLoad } from './load.ts'
import { loadOptions } from './options.ts'
import { startRedisEcho } from './redis-echo.ts'
import { commandEnd, encodeCommand, RespFrames, replyEnd } from './resp.ts'

it('keeps a pipeline full, and counts every answer', async () => {
  const server = await startRedisEcho()
  const options = loadOptions({
    protocol: 'redis',
    port: server.port,
    connections: 2,
    inFlight: 16,
  })
  const report = await runLoad(options, { warmupSeconds: 0, seconds: 0.2 })
  expect(report.failed).toBe(0)
  expect(report.answered).toBe(server.commands)
  expect(report.answered).toBeGreaterThan(32)
  await server.close()
})

it('counts errors by their first word', async () => {
  const server = await startRedisEcho(0, Buffer.from('-NOROUTE hop: proxy: nobody\r\n'))
  const report = await runLoad(loadOptions({ protocol: 'redis', port: server.port }), {
    warmupSeconds: 0,
    seconds: 0.05,
  })
  expect(report.failures).toEqual({ NOROUTE: report.failed })
  await server.close()
})

it.each([
  ['commands', commandEnd, [encodeCommand('GET', 'a'), encodeCommand('SET', 'b', '\r\n*1')]],
  ['answers', replyEnd, ['+OK\r\n', '$3\r\na\r\n\r\n', ':1\r\n'].map((one) => Buffer.from(one))],
] as const)('cuts %s however their bytes come', (_what, endOf, messages) => {
  const bytes = Buffer.concat(messages)
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 })), (cuts) => {
      const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length]
      const frames = new RespFrames(endOf)
      const got: Buffer[] = []
      for (let i = 1; i < edges.length; i++)
        frames.push(bytes.subarray(edges[i - 1], edges[i]), (all, at, end) =>
          got.push(Buffer.from(all.subarray(at, end))),
        )
      expect(got).toEqual(messages)
    }),
  )
})
