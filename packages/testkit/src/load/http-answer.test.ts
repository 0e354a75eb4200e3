import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HttpAnswer } from './http-answer.ts'

const answers: readonly [name: string, bytes: string, status: number, reusable: boolean][] = [
  ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', 200, true],
  ['an empty body', 'HTTP/1.1 404 No\r\ncontent-length:0\r\n\r\n', 404, true],
  ['no body by its status', 'HTTP/1.1 204 None\r\n\r\n', 204, true],
  [
    'chunks with an extension and a trailer',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\nA\r\n\r\n23456789\r\n0\r\nT: 1\r\n\r\n',
    200,
    true,
  ],
  [
    'an interim answer before it',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Made\r\nContent-Length: 1\r\n\r\nx',
    201,
    true,
  ],
  ['a close', 'HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 1\r\n\r\nx', 200, false],
]

describe('an HTTP answer', () => {
  it.each(answers)(
    'with %s ends at its last byte, however it is cut',
    (_, text, status, reusable) => {
      const bytes = Buffer.from(text)
      fc.assert(
        fc.property(fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 })), (cuts) => {
          const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length]
          const answer = new HttpAnswer()
          const whole = edges.slice(1).map((end, i) => answer.push(bytes.subarray(edges[i], end)))
          expect(whole.indexOf(true)).toBe(whole.length - 1)
          expect([answer.status, answer.reusable]).toEqual([status, reusable])
        }),
      )
    },
  )

  it('without a length ends where the connection does', () => {
    const answer = new HttpAnswer()
    expect(answer.push(Buffer.from('HTTP/1.1 200 OK\r\n\r\nsome'))).toBe(false)
    expect(answer.endsHere()).toBe(true)
  })

  it('with a length is not whole because the connection has ended', () => {
    const answer = new HttpAnswer()
    answer.push(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nsome'))
    expect(answer.endsHere()).toBe(false)
  })
})
