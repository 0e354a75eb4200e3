import { describe, expect, it } from 'vitest'
import { readStatus } from './status.ts'

describe('the status of an answer', () => {
  it.each([
    ['HTTP/1.1 200 OK\r\n', 200],
    ['HTTP/1.0 503 Service Unavailable\r\n', 503],
    ['HTTP/1.1 204\r\ndate: now\r\n', 204],
    ['HTTP/1.1 200 \r\n', 200],
    ['HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n', 200],
    [
      'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 No\r\n',
      404,
    ],
  ])('of %j is %d, and null while it is incomplete', (text, status) => {
    expect(readStatus(text)).toBe(status)
    for (let end = 0; end < text.indexOf('\n', text.lastIndexOf('HTTP/1.')); end++)
      expect(readStatus(text.slice(0, end))).toBeNull()
  })

  it.each([
    'SSH-2.0-OpenSSH_9\r\n',
    'S',
    '\x16\x03\x01\x02',
    'HTTP/2 200\r\n',
    'HTTP/1.1 2000 OK\r\n',
    'HTTP/1.1 OK\r\n',
    '\r\n',
    'HTTP/1.1 100 Continue\r\n\r\nnonsense that goes on',
  ])('of %j, which is no answer, is 0', (text) => {
    expect(readStatus(text)).toBe(0)
  })
})
