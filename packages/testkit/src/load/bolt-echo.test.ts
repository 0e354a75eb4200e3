import { connect } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { startBoltEcho } from './bolt-echo.ts'
import { encodeRequest, encodeResponse, FrameType, ID_AT } from './bolt-frame.ts'
import { Frames } from './frames.ts'

function request(id: number, content: string, type: number = FrameType.Request): Buffer {
  const frame = encodeRequest({
    service: 'org.example.EchoService:1.0',
    method: 'echo',
    headers: { trace: 'abc' },
    content: Buffer.from(content),
    timeoutMs: 3000,
  })
  frame[1] = type
  frame.writeUInt32BE(id, ID_AT)
  return frame
}

const heartbeat = Buffer.from('01010000010000000701000000000000000000000000', 'hex')

describe('the Bolt echo', () => {
  it('answers requests with their content, acknowledges heartbeats, is silent on one-way calls', async () => {
    const echo = await startBoltEcho()
    const socket = connect(echo.port, '127.0.0.1')
    const answers: Buffer[] = []
    const frames = new Frames()
    socket.on('data', (chunk: Buffer) =>
      frames.push(chunk, (bytes, at, end) => answers.push(Buffer.from(bytes.subarray(at, end)))),
    )
    socket.write(
      Buffer.concat([request(1, 'one'), request(2, 'quiet', FrameType.OneWay), heartbeat]),
    )
    socket.write(request(0xfffffffe, 'two'))
    await expect.poll(() => answers.length).toBe(3)
    expect(answers).toEqual([
      encodeResponse(1, 2, 0, Buffer.from('one')),
      Buffer.from('0100000001000000070100000000000000000000', 'hex'),
      encodeResponse(0xfffffffe, 2, 0, Buffer.from('two')),
    ])
    expect(echo.requests).toBe(3)
    socket.destroy()
    await echo.close()
  })
})

describe('frames', () => {
  it('come out whole however their bytes are cut', () => {
    const wanted = [request(1, 'one'), encodeResponse(2, 2, 0, Buffer.from('two')), heartbeat]
    const bytes = Buffer.concat(wanted)
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 })), (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length]
        const frames = new Frames()
        const got: Buffer[] = []
        for (let i = 1; i < edges.length; i++) {
          frames.push(bytes.subarray(edges[i - 1], edges[i]), (all, at, end) =>
            got.push(Buffer.from(all.subarray(at, end))),
          )
        }
        expect(got).toEqual(wanted)
      }),
    )
  })
})
