import { type AddressInfo, createServer } from 'node:net'
import { hex, Stage } from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { type CommonAnswer, type CommonCall, type Value, whole } from '../../transcoder.ts'
import { Form } from './frame.ts'
import { bytesOf, frameOf, lengthened, strict } from './harness.ts'
import { openShop, startShop } from './shop.ts'
import { thriftCodec } from './thrift.ts'
import { all, callOf, named, plain, service, thrown, tongueOf, value } from './tongue-harness.ts'
import { TType, toInt64, writing } from './wire.ts'

const stage = new Stage()
afterEach(() => stage.clear())

describe('the npm package thrift', () => {
  it.each([
    ['binary', '', ''],
    ['compact', 'compact:', ''],
    ['theader', 'theader:', ''],
    ['binary', 'Shop', 'Shop: '],
    ['compact', 'compact:Shop', 'Shop: '],
    ['theader', 'theader:Shop', 'Shop: '],
  ] as const)('serves calls of ours by %s as "%s"', async (voice, name, before) => {
    const host = await startShop(voice, before === '' ? [] : ['Shop'])
    stage.later(() => host.close())
    const shop = name === '' ? service() : named(name)
    const tongue = tongueOf(shop)
    const peer = await stage.rawClient(host.port)
    const ask = async (call: CommonCall): Promise<CommonAnswer> => {
      peer.forget()
      peer.write(Buffer.from(bytesOf(tongue.writeCall(call).frame)))
      const wanted = () => thriftCodec.measure(peer.received, 0, peer.receivedBytes)
      await peer.until((it) => wanted() > 0 && it.receivedBytes >= wanted())
      return tongue.readAnswer(whole(frameOf(Buffer.from(peer.received))), call)
    }
    expect(await ask(callOf('echo', ['Äpfel'], shop))).toEqual(value(`${before}Äpfel`))
    const refused = await ask(callOf('echo', ['no apples'], shop))
    expect(refused).toMatchObject({
      kind: 'exception',
      type: 'com.shop.SoldOut',
      message: 'apples',
    })
    expect(await ask(callOf('reset', [], shop))).toEqual({
      kind: 'failure',
      status: 500,
      message: 'Unknown function reset',
    })
  })

  it.each([
    ['binary', ''],
    ['old', ''],
    ['compact', 'Shop'],
    ['theader', 'Shop'],
    ['theader in two frames', ''],
  ] as const)('understands our answers by %s', async (voice, name) => {
    const tongue = tongueOf(named('Shop'))
    const host = createServer((socket) => {
      socket.on('data', (bytes: Buffer) => {
        const asked = frameOf(Buffer.from(bytes))
        const call = tongue.readCall(whole(asked))
        const text = String(call.args[0])
        const answer = text === 'sold' ? thrown('SoldOut', 'apples') : value(`hi ${text}`)
        socket.write(bytesOf(tongue.writeAnswer(answer, call, asked).frame))
      })
      socket.on('error', () => socket.destroy())
    })
    await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve))
    stage.later(() => host.close())
    const { shop, close } = await openShop((host.address() as AddressInfo).port, voice, name)
    stage.later(close)
    expect(await shop.echo('bob')).toBe('hi bob')
    await expect(shop.echo('sold')).rejects.toThrow('sold out: apples')
  })

  it.each([Form.Strict, Form.Compact])('writes structs that we read, in form %i', (form) => {
    const { wire, bytes } = writing(form)
    wire.writeStructBegin('')
    wire.writeFieldBegin('bool', TType.Bool, 1)
    wire.writeBool(true)
    wire.writeFieldBegin('i64', TType.I64, 5)
    wire.writeI64(toInt64(-(2n ** 60n)))
    wire.writeFieldBegin('prices', TType.Map, 303)
    wire.writeMapBegin(TType.String, TType.Double, 1)
    wire.writeString('cox')
    wire.writeDouble(0.1)
    wire.writeFieldBegin('other', TType.Bool, 500)
    wire.writeBool(false)
    wire.writeFieldBegin('node', TType.Struct, 306)
    wire.writeStructBegin('')
    wire.writeFieldBegin('name', TType.String, 1)
    wire.writeString('n')
    wire.writeFieldStop()
    wire.writeStructEnd()
    wire.writeFieldStop()
    wire.writeStructEnd()
    const head =
      form === Form.Compact ? hex('82 21 01 03 616c6c') : strict({ name: 'all', body: hex('') })
    const frame = frameOf(lengthened(Buffer.concat([head, bytes()])))
    const { args } = tongueOf(service()).readCall(whole(frame))
    const read = Object.fromEntries(all.map(({ name }, i) => [name, args[i]]))
    expect(plain(read as Value)).toMatchObject({
      bool: true,
      i64: -(2n ** 60n),
      prices: { cox: 0.1 },
      node: { name: 'n' },
    })
  })
})
