import { hex } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import { whole } from '../../transcoder.ts'
import { callBytes, frameOf, headed, strict } from './harness.ts'
import { thriftCodec } from './thrift.ts'
import { callOf, method, service, tongueOf } from './tongue-harness.ts'

describe('whose call it is', () => {
  const stock = service({
    name: 'shop.Stock',
    names: { thrift: 'Stock' },
    methods: [method('echo')],
  })
  const price = service({ name: 'shop.Price', methods: [method('echo'), method('price')] })
  const tongue = tongueOf(stock, price)
  const owner = (bytes: Buffer) => tongue.readCall(whole(frameOf(bytes))).service.name
  const body = hex('00')

  it.each([
    ['the name before the colon', callBytes({ name: 'Stock:echo', body }), 'shop.Stock'],
    ['its usual name', callBytes({ name: 'shop.Price:echo', body }), 'shop.Price'],
    ['the method that it alone has', callBytes({ name: 'price', body }), 'shop.Price'],
    [
      'a header',
      headed(0x0fff, hex('00 00 01 01 03 737663 05 53746f636b'), strict({ body })),
      'shop.Stock',
    ],
    [
      'what its interface is called, where it is discovered by another name',
      headed(
        0x1000,
        hex('00 00 01 0001 0003 69736e 0005 53746f636b 10 0001 0006 0001 78'),
        strict({ body }),
      ),
      'shop.Stock',
    ],
  ])('is told by %s', (_name, bytes, expected) => {
    expect(owner(bytes)).toBe(expected)
  })

  it.each([
    [
      callBytes({ name: 'Other:echo' }),
      'service: no service "Other" is declared; there is Stock, shop.Price',
    ],
    [
      callBytes({ name: 'Stock:price' }),
      'method: no method "price" of shop.Stock is declared; there is echo',
    ],
    [callBytes({ name: 'echo' }), 'service: is not said, and shop.Stock, shop.Price have "echo"'],
    [callBytes({ name: 'drop' }), 'method: no method "drop" is declared; there is echo, price'],
  ])('is not known of %#', (bytes, sentence) => {
    expect(() => owner(bytes)).toThrow(sentence)
  })

  it('has the names that its service and its method have in Thrift', () => {
    const renamed = service({
      names: { thrift: 'Lager' },
      methods: [{ ...method('reset'), names: { thrift: 'doReset' } }],
    })
    const { frame } = tongueOf(renamed).writeCall(callOf('reset', [], renamed))
    expect(thriftCodec.service(frame)).toBe('Lager')
    expect(thriftCodec.method(frame)).toBe('doReset')
    const call = tongueOf(renamed).readCall(whole(frame))
    expect([call.service, call.method]).toEqual([renamed, renamed.methods[0]])
  })
})
