import { readVectors } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import type { Frame } from '../../frame.ts'
import { boltCodec } from './bolt.ts'

const vectors = readVectors(new URL('./vectors/', import.meta.url))

function request(name = 'request-v1-headers'): Frame {
  const bytes = Buffer.from(vectors.get(name)!)
  return boltCodec.read(bytes, 0, bytes.length)!
}

function written(frame: Frame): Frame {
  expect(boltCodec.encode(frame)).toBe(true)
  expect(boltCodec.measure(frame.buf, frame.start, frame.end)).toBe(frame.end - frame.start)
  return boltCodec.read(frame.buf, frame.start, frame.end)!
}

describe('edits', () => {
  it('say the same before and after they are written', () => {
    const frame = request()
    frame.set('service', 'com.demo.Other:1.0')
    frame.append('rpc_trace_context.sofaRpcId', '0.1')
    frame.remove('sofa_head_target_service')
    frame.append('new', 'one')
    frame.set('gone', 'x')
    frame.remove('gone')
    const names = [
      'service',
      'rpc_trace_context.sofaRpcId',
      'sofa_head_target_service',
      'new',
      'gone',
    ]
    const expected = names.map((name) => frame.header(name))
    expect(expected).toEqual(['com.demo.Other:1.0', '0, 0.1', undefined, 'one', undefined])
    const after = written(frame)
    expect(names.map((name) => after.header(name))).toEqual(expected)
  })

  it('leave class name, content and the rest of the map as they came', () => {
    const frame = request()
    frame.set('x', 'y')
    const after = written(frame)
    const before = vectors.get('request-v1-headers')!
    const kept = (buf: Buffer, start: number, end: number) => buf.toString('hex', start, end)
    expect(kept(after.buf, 22, 22 + 44 + 0x92)).toBe(kept(before, 22, 22 + 44 + 0x92))
    expect(after.buf.subarray(-5)).toEqual(before.subarray(-5))
    expect(after.id).toBe(0x1234)
  })

  it('put a value in the place of all that had its name', () => {
    const frame = request()
    frame.set('a', '1')
    const once = written(frame)
    const pair = once.buf.subarray(once.end - 5 - 10, once.end - 5)
    const twice = Buffer.concat([once.buf.subarray(0, -5), pair, once.buf.subarray(-5)])
    twice.writeUInt16BE(twice.readUInt16BE(16) + pair.length, 16)
    const duplicated = boltCodec.read(twice, 0, twice.length)!
    duplicated.set('a', '2')
    const after = written(duplicated)
    expect(after.end - after.start).toBe(once.end - once.start)
    expect(after.header('a')).toBe('2')
  })

  it('mend the CRC', () => {
    const frame = request('request-v2-crc')
    frame.set('zone', 'east')
    expect(written(frame).header('zone')).toBe('east')
  })

  it('that make the map longer than hosts can read are refused and change nothing', () => {
    const frame = request('request-v2-crc')
    const room = 32767 - 46 - 8 - 'x'.length
    frame.set('x', 'v'.repeat(room + 1))
    expect(boltCodec.encode(frame)).toBe(false)
    expect(frame.buf).toEqual(vectors.get('request-v2-crc'))
    expect(frame.edits).not.toBeNull()
    frame.set('x', 'v'.repeat(room))
    expect(written(frame).header('x')).toHaveLength(room)
  })
})
