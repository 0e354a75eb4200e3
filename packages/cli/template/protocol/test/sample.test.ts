import { describe, it } from 'node:test'
import { FrameKind } from '@tulle/proxy'
import { describeCodec, hex } from '@tulle/testkit'
import { codec } from '../src/sample.ts'

/** Bytes by hand; those captured of peers that others wrote are worth more. */
describeCodec({ describe, it }, codec, [
  {
    name: 'request',
    kind: FrameKind.Request,
    id: 7,
    service: 'Stock',
    method: 'take',
    headers: { user: 'ann', kind: 'gift' },
    bytes: hex(`
      5a4d 00 01 00000007 0000  # magic, kind, version, id, status
      0005 0004 0017 00000002   # lengths of service, method, headers, body
      53746f636b 74616b65       # Stock, take
      0004 75736572 0003 616e6e # user: ann
      0004 6b696e64 0004 67696674
      6f6b                      # ok`),
  },
  {
    name: 'one-way request',
    kind: FrameKind.Oneway,
    id: 8,
    service: 'Stock',
    bytes: hex('5a4d 01 01 00000008 0000 0005 0000 0000 00000000 53746f636b'),
  },
  {
    name: 'response',
    kind: FrameKind.Response,
    id: 7,
    headers: { cost: '3' },
    bytes: hex('5a4d 02 01 00000007 0000 0000 0000 0009 00000002 0004 636f7374 0001 33 6f6b'),
  },
  {
    name: 'response that failed',
    kind: FrameKind.Response,
    id: 9,
    status: 503,
    bytes: hex('5a4d 02 01 00000009 01f7 0000 0000 0000 00000000'),
  },
  {
    name: 'heartbeat',
    kind: FrameKind.Heartbeat,
    id: 1,
    bytes: hex('5a4d 03 01 00000001 0000 0000 0000 0000 00000000'),
  },
  {
    name: 'acknowledgement',
    kind: FrameKind.HeartbeatAck,
    id: 1,
    bytes: hex('5a4d 04 01 00000001 0000 0000 0000 0000 00000000'),
  },
  {
    name: 'go-away',
    kind: FrameKind.GoAway,
    id: 1,
    bytes: hex('5a4d 05 01 00000001 0000 0000 0000 0000 00000000'),
  },
])
