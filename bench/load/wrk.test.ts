import { expect, it } from 'vitest'
import { parseWrk } from './wrk.ts'

it('reads what wrk prints', () => {
  const output = `Running 1s test @ http://127.0.0.1:19322/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.30ms  385.14us  11.28ms   89.05%
    Req/Sec    49.24k     4.17k   53.67k    80.00%
  Latency Distribution
     50%  920.00us
     75%    1.45ms
     90%    1.61ms
     99%    1.20s
  48993 requests in 1.00s, 13.27MB read
Requests/sec:  48931.66
Transfer/sec:     13.25MB
`
  expect(parseWrk(output)).toEqual({
    requests: 48_993,
    errors: 0,
    rps: 48_931.66,
    p50Ms: 0.92,
    p99Ms: 1200,
  })
})

it('counts broken sockets and bad answers as errors', () => {
  const output = `  10 requests in 1.00s, 1.00KB read
  Socket errors: connect 1, read 2, write 3, timeout 4
  Non-2xx or 3xx responses: 5
`
  expect(parseWrk(output)).toMatchObject({ requests: 10, errors: 15 })
})
