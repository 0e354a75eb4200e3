import type { Frame } from '../../packages/proxy/src/frame.ts'
import type { FramedCodec } from '../../packages/proxy/src/framed.ts'
import { boltCodec } from '../../packages/proxy/src/protocol/bolt/bolt.ts'
import { dubboCodec } from '../../packages/proxy/src/protocol/dubbo/dubbo.ts'

/*
 * What a proxied RPC call costs in a codec, without sockets: request and answer measured and read, the request asked for
 * what routes want of it, both given other ids. Every request lies in bytes of its own, as reads bring them.
 *
 *   sh bin/node bench/micro/rpc-frame.ts
 *
 * Dubbo's service stands in its attachments, behind the arguments. `head.ts` remembers requests by their bytes; before,
 * "Dubbo, service and method" took 1.8 times as long.
 */

const ROUND_MS = 300
const ROUNDS = 5
/** So many that those which differ are not all remembered. */
const COPIES = 1024

type Ask = (codec: FramedCodec, request: Frame) => unknown

const names: Ask = (codec, request) =>
  (codec.service!(request) as string).length + (codec.method!(request) as string).length
const byHeader: Ask = (codec, request) => codec.header!(request, 'zone')

const SERVICE = 'com.alipay.shop.BasketService'

// The classes below come first in time, this in reading.
setImmediate(() => {
  const bolt = boltRequests(() => 'east')
  const dubbo = dubboRequests(() => 'east')
  measure('Bolt, service and method', boltCodec, bolt, boltAnswer(), names)
  measure('Bolt, a header', boltCodec, bolt, boltAnswer(), byHeader)
  measure('Bolt, a header that differs', boltCodec, boltRequests(String), boltAnswer(), byHeader)
  measure('Dubbo, service and method', dubboCodec, dubbo, dubboAnswer(), names)
  measure('Dubbo, other attachments', dubboCodec, dubboRequests(String), dubboAnswer(), names)
  measure('Dubbo, an attachment', dubboCodec, dubbo, dubboAnswer(), byHeader)
})

function measure(
  name: string,
  codec: FramedCodec,
  requests: readonly Buffer[],
  answer: Buffer,
  ask: Ask,
): void {
  let best = Number.POSITIVE_INFINITY
  let found: unknown
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now()
    let count = 0
    let elapsed = 0
    while (elapsed < ROUND_MS) {
      for (const bytes of requests) {
        const request = codec.read(bytes, 0, codec.measure(bytes, 0, bytes.length))!
        codec.binds?.(request)
        found = ask(codec, request)
        codec.timeoutMs(request)
        codec.readdress(request, 77)
        const response = codec.read(answer, 0, codec.measure(answer, 0, answer.length))!
        codec.status(response)
        if (codec.restore === undefined) codec.readdress(response, request.id)
        else codec.restore(response, request)
      }
      count += requests.length
      elapsed = performance.now() - begun
    }
    best = Math.min(best, (elapsed * 1e6) / count)
  }
  if (found === undefined) throw new Error(`${name}: nothing was found`)
  console.log(`${name}: ${best.toFixed(0)} ns`)
}

function copies(make: (place: number) => Buffer): Buffer[] {
  return Array.from({ length: COPIES }, (_, place) => make(place))
}

function boltRequests(zone: (place: number) => string): Buffer[] {
  return copies((place) => {
    const name = Buffer.from('com.alipay.sofa.rpc.core.request.SofaRequest')
    const map = Buffer.concat(
      [
        ['service', `${SERVICE}:1.0`],
        ['sofa_head_method_name', 'put'],
        ['sofa_head_target_app', 'shop'],
        ['rpc_trace_context.sofaRpcId', '0.1'],
        ['rpc_trace_context.sofaTraceId', '0a0fe8ec1592981234567100135942'],
        ['zone', zone(place)],
      ].flatMap((pair) => pair.flatMap((text) => [u32(text.length), Buffer.from(text)])),
    )
    const head = Buffer.from(
      '0101000101000000010100000bb8000000000000 0000'.replace(' ', ''),
      'hex',
    )
    head.writeUInt16BE(name.length, 14)
    head.writeUInt16BE(map.length, 16)
    return Buffer.concat([head, name, map])
  })
}

function boltAnswer(): Buffer {
  return Buffer.from('0100000201000000010100000000000000000000', 'hex')
}

function dubboRequests(zone: (place: number) => string): Buffer[] {
  return copies((place) => {
    const attachments = [
      ['path', SERVICE],
      ['interface', SERVICE],
      ['version', '1.0'],
      ['timeout', '3000'],
      ['remote.application', 'web'],
      ['zone', zone(place)],
    ]
    const body = Buffer.concat([
      ...['2.0.2', SERVICE, '1.0', 'put', 'Ljava/lang/String;I'].map(text),
      text('Cox'),
      Buffer.from([0x97, 0x48]),
      ...attachments.flat().map(text),
      Buffer.from([0x5a]),
    ])
    const head = Buffer.from('dabbc2000000000000000001', 'hex')
    return Buffer.concat([head, u32(body.length), body])
  })
}

function dubboAnswer(): Buffer {
  return Buffer.from('dabb021400000000000000010000000191', 'hex').fill(0x92, 16)
}

function text(value: string): Buffer {
  return Buffer.concat([Buffer.from([value.length]), Buffer.from(value)])
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
