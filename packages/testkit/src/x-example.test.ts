import { Depth, FrameKind } from '@tulle/proxy'
import { describe, it } from 'vitest'
import { describeCodec } from './protocol-suite.ts'
import { XExample, xBytes } from './x-example.ts'

for (const depth of [Depth.Frames, Depth.Names]) {
  const called = depth === Depth.Frames ? {} : ({ service: 'Stock', method: 'take' } as const)
  describeCodec({ describe, it }, new XExample(depth, `x read to depth ${depth}`).codec, [
    {
      name: 'request',
      kind: FrameKind.Request,
      id: 7,
      bytes: xBytes(FrameKind.Request, 7, 0, 'Stock take'),
      ...called,
    },
    {
      name: 'response',
      kind: FrameKind.Response,
      id: 7,
      bytes: xBytes(FrameKind.Response, 7, 1, 'sold out'),
      status: 500,
    },
    { name: 'heartbeat', kind: FrameKind.Heartbeat, id: 1, bytes: xBytes(FrameKind.Heartbeat, 1) },
    { name: 'ack', kind: FrameKind.HeartbeatAck, id: 1, bytes: xBytes(FrameKind.HeartbeatAck, 1) },
    { name: 'go-away', kind: FrameKind.GoAway, id: 1, bytes: xBytes(FrameKind.GoAway, 1) },
  ])
}
