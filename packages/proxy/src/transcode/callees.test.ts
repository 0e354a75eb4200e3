import type { ServiceInterface } from '@tulle/model'
import { describe, expect, it } from 'vitest'
import { serviceName, serviceParts } from '../framed.ts'
import { Callees, type Naming } from './callees.ts'
import { member, method, stock } from './java-harness.ts'

const naming: Naming = {
  protocol: 'x',
  full: ({ group, name, version }) => serviceName(group, name, version),
  parts: serviceParts,
  types: ({ parameters }) => parameters.map(({ type }) => type.kind).join(),
}

function service(name: string, said: Partial<ServiceInterface> = {}): ServiceInterface {
  return { ...stock, name, group: '', version: '', ...said }
}

describe('a service', () => {
  const any = service('a.A')
  const first = service('a.A', { version: '1' })
  const east = service('a.A', { version: '1', group: 'east' })
  const west = service('a.B', { group: 'west' })
  const callees = new Callees([any, first, east, west], naming)

  it.each<[string, ServiceInterface | undefined]>([
    ['a.A', any],
    ['a.A:2', any],
    ['north/a.A:2', any],
    ['a.A:1', first],
    ['north/a.A:1', first],
    ['east/a.A:1', east],
    ['east/a.A:2', any],
    ['west/a.B', west],
    ['west/a.B:7', west],
    ['a.B', undefined],
    ['east/a.B', undefined],
    ['a.C', undefined],
    ['', undefined],
  ])('named %j is the one that fits best', (name, found) => {
    expect(callees.service(name)).toBe(found)
  })

  it('that is not declared is told with those that are', () => {
    expect(() => callees.find('a.C:1', 'plus')).toThrow(
      'service: no service "a.C:1" is declared; there is a.A, a.A:1, east/a.A:1, west/a.B',
    )
  })
})

describe('a method', () => {
  const one = method('put', [member('a', 'i32')])
  const two = method('put', [member('a', 'string'), member('b', 'any')])
  const other = { ...method('take', []), names: { x: 'nimm', y: 'prends' } }
  const a = service('a.A', { methods: [one, two, other] })
  const b = service('a.B', { methods: [one] })
  const callees = new Callees([a, b], naming)

  it.each([
    ['put', '', one],
    ['put', 'i32', one],
    ['put', 'string,any', two],
    ['nimm', '', other],
    ['nimm', 'odd', other],
  ])(
    '%s(%s) is found by the name it has in the protocol, and by its types',
    (name, types, found) => {
      expect(callees.find('a.A', name, types)).toEqual({ service: a, method: found })
    },
  )

  it.each([
    ['take', '', 'method: no method "take" of a.A is declared; there is put, nimm'],
    [
      'put',
      'i64',
      'method: no method "put(i64)" of a.A is declared; there is put(i32), put(string,any)',
    ],
  ])('%s(%s) is told with those that are declared', (name, types, sentence) => {
    expect(() => callees.find('a.A', name, types)).toThrow(sentence)
    expect(() => callees.find('a.A', name, types)).toThrow(expect.objectContaining({ status: 404 }))
  })

  it('of a request that names no service is that of the only one which has it', () => {
    expect(callees.findAlone('nimm')).toEqual({ service: a, method: other })
    expect(() => callees.findAlone('put')).toThrow('service: is not said, and a.A, a.B have "put"')
    expect(() => callees.findAlone('give')).toThrow(
      'method: no method "give" is declared; there is put, nimm',
    )
  })
})
