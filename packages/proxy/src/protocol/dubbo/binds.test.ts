import { hex } from '@tulle/testkit'
import { expect, it } from 'vitest'
import { dubboCodec } from './dubbo.ts'
import { request, response, value } from './harness.ts'

const CALLBACK = 'sys_callback_arg-0'
const listens = { descriptor: 'Lshop/Listener;', args: [null] }

it.each([
  ['an argument that is a callback', { [CALLBACK]: '7001' }],
  ['the eleventh argument', { 'sys_callback_arg-10': '7001' }],
  ['a callback among others', { path: 'shop.Basket', 'sys_callback_arg-1': '1', zone: 'east' }],
  ['a callback that is taken back', { 'sys_callback_arg-1': '1', 'sys_callback_arg-1.x': null }],
])('a request with %s binds its client', (_name, attachments) => {
  expect(dubboCodec.binds!(request({ ...listens, attachments }))).toBe(true)
  expect(dubboCodec.binds!(request({ ...listens, attachments }))).toBe(true)
})

it('also behind large arguments, where it does not begin an attachment', () => {
  const large = { descriptor: 'Ljava/lang/String;', args: ['x'.repeat(5000)] }
  expect(dubboCodec.binds!(request({ ...large, attachments: { [CALLBACK]: '7' } }))).toBe(true)
  expect(dubboCodec.binds!(request({ ...large, attachments: { zone: CALLBACK } }))).toBe(false)
  expect(dubboCodec.binds!(request({ ...large, attachments: { zone: 'east' } }))).toBe(false)
  const said = { descriptor: 'Ljava/lang/String;', args: [CALLBACK.repeat(500)] }
  expect(dubboCodec.binds!(request({ ...said, attachments: { zone: 'east' } }))).toBe(false)
})

it('however the name is written', () => {
  const long = Buffer.concat([hex('30 12'), Buffer.from(CALLBACK)])
  const chunks = Buffer.concat([hex('52 00 01'), Buffer.from('s'), value(CALLBACK.slice(1))])
  for (const key of [long, chunks]) {
    const attachments = Buffer.concat([hex('48'), key, value('7'), hex('5a')])
    expect(dubboCodec.binds!(request({ attachments }))).toBe(true)
  }
})

it.each([
  ['none', {}],
  ['others', { path: 'shop.Basket', group: 'east', 'sys.callback.arg-00': '1' }],
  ['the prefix alone', { 'sys_callback_arg-': '1' }],
  ['one that only looks like it', { sys_callback_args0: '1' }],
])('a request with attachments that are %s does not', (_name, attachments) => {
  expect(dubboCodec.binds!(request({ attachments }))).toBe(false)
})

it('nor does one in another serialisation, or one whose attachments nobody finds', () => {
  const attachments = { [CALLBACK]: '7001' }
  expect(dubboCodec.binds!(request({ flag: 0xd7, attachments }))).toBe(false)
  expect(dubboCodec.binds!(request({ descriptor: 'I', args: [hex('40')], attachments }))).toBe(
    false,
  )
  expect(dubboCodec.binds!(response(hex('92')))).toBe(false)
})
