import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { type Frame, FrameKind } from '../frame.ts'
import type { FramedCodec } from '../framed.ts'
import {
  type CommonAnswer,
  type CommonCall,
  type MethodAnswer,
  type Tongue,
  whole,
} from '../transcoder.ts'

/*
 * For tests: a codec, and a tongue on top of it, without a proxy.
 */
export interface Speaker {
  readonly codec: FramedCodec
  readonly tongue: Tongue
  /** Takes what has to be done when the test is over. */
  readonly later: (undo: () => void) => void
}

/** The frame that these bytes are, read as from a socket. */
export function frameOf(codec: FramedCodec, bytes: Buffer): Frame {
  const { length } = bytes
  const frame = codec.measure(bytes, 0, length) === length ? codec.read(bytes, 0, length) : null
  if (frame === null) throw new Error(`no whole frame: ${bytes.toString('hex')}`)
  return frame
}

/** The frames that bytes begin with, each in bytes of its own. */
export function framesIn(codec: FramedCodec, bytes: Buffer): Frame[] {
  const all: Frame[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = codec.measure(bytes, at, bytes.length)
    if (length <= 0 || at + length > bytes.length) break
    all.push(frameOf(codec, Buffer.from(bytes.subarray(at, at + length))))
    at += length
  }
  return all
}

/** Sends calls to a host, each on a connection of its own. */
export async function ask(
  { codec, tongue, later }: Speaker,
  port: number,
  call: CommonCall,
): Promise<CommonAnswer> {
  const socket = connect(port, '127.0.0.1')
  later(() => socket.destroy())
  const answer = new Promise<Frame>((resolve, reject) => {
    onFrames(codec, socket, resolve)
    socket.on('error', reject)
  })
  const { buf, start, end } = tongue.writeCall(call).frame
  socket.write(buf.subarray(start, end))
  return tongue.readAnswer(whole(await answer), call)
}

/** A host that answers what it is called by; its port. */
export async function startHost(
  { codec, tongue, later }: Speaker,
  answer: (call: CommonCall) => MethodAnswer,
): Promise<number> {
  const server = createServer((socket) => {
    onFrames(codec, socket, (frame) => {
      if (frame.kind === FrameKind.Heartbeat) socket.write(codec.heartbeatAck(frame).buf)
      if (frame.kind !== FrameKind.Request) return
      const call = tongue.readCall(whole(frame))
      socket.write(tongue.writeAnswer(answer(call), call, frame).frame.buf)
    })
    socket.on('error', () => socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  later(() => server.close())
  return (server.address() as AddressInfo).port
}

function onFrames(codec: FramedCodec, socket: Socket, visit: (frame: Frame) => void): void {
  let held = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk])
    for (const frame of framesIn(codec, held)) {
      held = held.subarray(frame.end)
      visit(frame)
    }
  })
}
