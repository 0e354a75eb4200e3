import { expect, it } from 'vitest'
import { parseH2load } from './h2load.ts'

it('reads what h2load prints', () => {
  const output = `finished in 1.00s, 464384.00 req/s, 70.42MB/s
requests: 464384 total, 464512 started, 464384 done, 464384 succeeded, 0 failed, 0 errored, 0 timeout
status codes: 464384 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 70.42MB (73838080) total, 4.87MB (5109056) headers (space savings 93.75%), 57.57MB (60369920) data
                     min         max         mean         sd        +/- sd
time for request:       53us      2.34ms       269us        53us    94.87%
time for connect:       52us       164us       113us        38us    62.50%
`
  expect(parseH2load(output)).toEqual({
    requests: 464_384,
    errors: 0,
    rps: 464_384,
    meanMs: 0.269,
    seconds: 1,
  })
})

it('counts failures and bad answers as errors', () => {
  const output = `finished in 320.50ms, 12.00 req/s, 1.00KB/s
requests: 10 total, 10 started, 9 done, 6 succeeded, 4 failed, 1 errored, 0 timeout
status codes: 6 2xx, 0 3xx, 2 4xx, 1 5xx
time for request:     1.20ms      2.00s       1.50s        53us    94.87%
`
  expect(parseH2load(output)).toMatchObject({
    requests: 10,
    errors: 4,
    meanMs: 1500,
    seconds: 0.3205,
  })
})
