import { describe, expect, test } from 'vitest'
import {
  boolean,
  decode,
  duration,
  integer,
  list,
  mapOf,
  message,
  nearest,
  nullable,
  optional,
  optionsOf,
  required,
  stepsOf,
  text,
  unsupported,
  unused,
} from './index.ts'

const delayMessage = message(
  'tulle.test.Delay',
  {
    fixed_delay: required(duration, 'How long.'),
    percent: optional(integer(0, 100), 100, 'Of how many.'),
  },
  (it) => ({ ms: it.fixed_delay, percent: it.percent }),
)

const faultMessage = message(
  'tulle.test.Fault',
  {
    delay: nullable(delayMessage, 'Waits.'),
    headers: optional(list(text), [], 'Names.'),
    labels: optional(mapOf(boolean), {}, 'Labels.'),
    ...unused('stat_name'),
    ...unsupported('abort'),
  },
  (it) => it,
)

describe('a message', () => {
  test('gives what is read, with the defaults of the rest', () => {
    expect(decode(faultMessage, { delay: { fixed_delay: '0.5s' } })).toEqual({
      ok: true,
      value: { delay: { ms: 500, percent: 100 }, headers: [], labels: {} },
    })
  })

  test('takes the spelling of JSON, null for nothing, and what changes nothing', () => {
    const value = { delay: { fixedDelay: '1s', percent: null }, statName: 'x', abort: false }
    expect(decode(faultMessage, value)).toMatchObject({ ok: true, value: { delay: { ms: 1000 } } })
  })

  test('tells every problem, with paths that begin where the message stands', () => {
    const value = {
      delay: { percent: 101 },
      headers: [1, 'x', {}],
      labels: { 'a.b': 0 },
      abort: {},
    }
    expect(decode(faultMessage, value, 'filters[2].typed_config')).toEqual({
      ok: false,
      problems: [
        {
          at: 'filters[2].typed_config.delay.percent',
          what: 'must be a whole number from 0 to 100, not 101',
        },
        { at: 'filters[2].typed_config.delay', what: '"fixed_delay" is missing' },
        {
          at: 'filters[2].typed_config.headers[0]',
          what: 'must be a string, not 1; put it in quotes',
        },
        { at: 'filters[2].typed_config.headers[2]', what: 'must be a string, not an object' },
        {
          at: 'filters[2].typed_config.labels["a.b"]',
          what: 'must be true or false, not 0',
        },
        {
          at: 'filters[2].typed_config.abort',
          what: '"abort" is not supported yet; remove it',
        },
      ],
    })
  })

  test('describes its options and those of the messages it holds', () => {
    expect(
      optionsOf(faultMessage).map((it) => `${it.message} ${it.field} ${it.type} ${it.default}`),
    ).toEqual([
      'tulle.test.Fault delay Delay ',
      'tulle.test.Fault headers list of string ',
      'tulle.test.Fault labels map of boolean ',
      'tulle.test.Fault stat_name  ',
      'tulle.test.Fault abort  ',
      'tulle.test.Delay fixed_delay duration ',
      'tulle.test.Delay percent integer from 0 to 100 100',
    ])
  })

  test('is not fooled by names that every object has', () => {
    const value = JSON.parse('{"__proto__": {"delay": 1}, "constructor": 1}') as unknown
    expect(decode(faultMessage, value)).toMatchObject({
      ok: false,
      problems: [{ at: '__proto__' }, { at: 'constructor' }],
    })
  })
})

test.each([
  ['5s', 5000],
  ['0.25s', 250],
  ['1.5s', 1500],
  ['0s', 0],
  ['0.0001s', 1],
  ['3600s', 3_600_000],
])('the duration %s is %d ms', (given, ms) => {
  expect(decode(duration, given)).toEqual({ ok: true, value: ms })
})

test.each(['5', '5ms', 's', '.5s', '1e3s', '', 5, null, '400000000000s'])(
  '%j is no duration',
  (given) => {
    expect(decode(duration, given).ok).toBe(false)
  },
)

test('the nearest word is the one that takes the fewest changes, if it is near at all', () => {
  const words = ['connect_timeout', 'idle_timeout', 'name', 'type']
  expect(nearest('conect_timeot', words)).toBe('connect_timeout')
  expect(nearest('tpye', words)).toBe('type')
  expect(nearest('something', words)).toBeNull()
})

test('a path is taken apart into the steps it was made of', () => {
  expect(stepsOf('a_b[2].@type["x.y\\"z"].c')).toEqual(['a_b', 2, '@type', 'x.y"z', 'c'])
})
