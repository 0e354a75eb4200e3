import { type Check, has, same } from '../checks.ts'
import { bytes, LARGE_HASH, sha256 } from '../http-origin.ts'
import { curl } from './curl.ts'

const UPLOAD = bytes(8 * 1024 * 1024)
const UPGRADE = ['-H', 'Connection: Upgrade', '-H', 'Upgrade: websocket']

/** What curl has to find at a listener that refuses HTTP/1.0 and at one that speaks it. */
export function checksFor(strict: number, old: number): Check[] {
  const at = (path: string): string => `http://127.0.0.1:${strict}${path}`
  const oldAt = (path: string): string => `http://127.0.0.1:${old}${path}`
  return [
    [
      'a page comes through',
      async () => {
        const { text, told } = await curl([at('/hello')])
        same('the body', text, 'hello\n')
        has('the answer', told, '< HTTP/1.1 200 OK')
      },
    ],
    [
      'three pages come over one connection',
      async () => {
        const { text } = await curl([
          '-w',
          '%{num_connects}\n',
          at('/hello'),
          at('/empty'),
          at('/hello'),
        ])
        same('pages and new connections', text, 'hello\n1\n0\nhello\n0\n')
      },
    ],
    [
      'HTTP/1.0 is served where it is allowed, and the connection closed',
      () => http10(oldAt('/mirror')),
    ],
    [
      'HTTP/1.0 with keep-alive keeps the connection',
      async () => {
        const keep = ['--http1.0', '-H', 'Connection: keep-alive', '-w', '%{num_connects}\n']
        const { text } = await curl([...keep, oldAt('/hello'), oldAt('/hello')])
        same('pages and new connections', text, 'hello\n1\nhello\n0\n')
      },
    ],
    [
      'HTTP/1.0 is refused with 426 where it is not allowed',
      async () => has('the answer', (await curl(['--http1.0', at('/hello')])).told, ' 426 '),
    ],
    [
      'a chunked upload of 8 MiB arrives whole and chunked',
      async () => {
        const chunked = ['-T', '-', '-H', 'Transfer-Encoding: chunked', '-H', 'Expect:']
        const { hash, headers } = JSON.parse((await curl([...chunked, at('/mirror')], UPLOAD)).text)
        same('the hash', hash, sha256(UPLOAD))
        same('the transfer encoding', headers['transfer-encoding'], 'chunked')
      },
    ],
    ['100 Continue comes before a body of 8 MiB that waits for it', () => expect100(at('/mirror'))],
    [
      'a download of 16 MiB arrives whole',
      async () => same('the hash', sha256((await curl([at('/large')])).body), LARGE_HASH),
    ],
    [
      'a chunked download of 16 MiB arrives whole',
      async () => {
        const { body, told } = await curl([at('/chunked')])
        same('the hash', sha256(body), LARGE_HASH)
        has('the answer', told, /< transfer-encoding: chunked/i)
      },
    ],
    [
      'HEAD tells the length, has no body, and the connection goes on',
      async () => {
        const { text, told } = await curl(['-I', at('/large'), at('/hello')])
        has('the head', text, /content-length: 16777216/i)
        has('what curl did', told, 'Re-using existing connection')
      },
    ],
    [
      '204 and 304 have no body, and the connection goes on',
      async () => {
        const code = ['-w', '%{http_code} %{num_connects}\n']
        const { text } = await curl([...code, at('/empty'), at('/unchanged'), at('/hello')])
        same('codes and new connections', text, '204 1\n304 0\nhello\n200 0\n')
      },
    ],
    [
      'an upgrade that is not allowed is refused with a sentence',
      async () => {
        const { text, told } = await curl([...UPGRADE, at('/hello')])
        has('the answer', told, /< HTTP\/1.1 [45]\d\d /)
        has(
          'the body',
          text,
          'interop: downstream: upgrade to "websocket" is not among the upgrade_configs here',
        )
      },
    ],
    [
      'a redirect is followed to its page',
      async () => {
        const { text, told } = await curl(['-L', at('/old')])
        has('the answer', told, ' 302 ')
        same('the body', text, 'hello\n')
      },
    ],
    [
      'an answer of the route itself comes with its status',
      async () => {
        const { text, told } = await curl([at('/said')])
        has('the answer', told, ' 418 ')
        same('the body', text, 'short\n')
      },
    ],
    [
      'a rewritten prefix reaches its page',
      async () => same('the body', (await curl([at('/api/hello')])).text, 'hello\n'),
    ],
    [
      'a path without a route gets 404 and a sentence',
      async () => {
        const { text, told } = await curl([at('/lost')])
        has('the answer', told, ' 404 ')
        has('the body', text, /^interop: \w+: /)
      },
    ],
    [
      'a host where nobody listens gets 503 and a sentence',
      async () => {
        const { text, told } = await curl([at('/nobody')])
        has('the answer', told, ' 503 ')
        has('the body', text, 'connection refused')
      },
    ],
    [
      'a part of a page is that part',
      async () => {
        const { body, told } = await curl(['-r', '1000-1999', at('/part')])
        has('the answer', told, ' 206 ')
        same('the length', body.length, 1000)
      },
    ],
    [
      'a compressed page is unpacked by the client',
      async () => {
        const { text } = await curl(['--compressed', at('/zipped')])
        same('the body', text, 'hello in few bytes\n')
      },
    ],
    [
      'trailers follow the body',
      async () =>
        has(
          'the body as it was sent',
          (await curl(['--raw', at('/trailed')])).text,
          /\r\n0\r\nx-sum: 42\r\n/i,
        ),
    ],
    [
      '200 requests, 20 at a time, all succeed',
      async () => {
        const many = ['-Z', '--parallel-max', '20', '-w', '%{http_code}\n', '-o', '/dev/null']
        const { text } = await curl([...many, `${at('/mirror')}?[1-200]`])
        const good = text.split('\n').filter((line) => line === '200').length
        same('how many succeeded', good, 200)
      },
    ],
  ]
}

async function http10(url: string): Promise<void> {
  const { text, told } = await curl(['--http1.0', url])
  same('the method', JSON.parse(text).method, 'GET')
  has('what curl did', told, 'Closing connection')
  has('the answer', told, /^< HTTP\/1\.[01] 200/m)
  if (/transfer-encoding/i.test(told)) throw new Error('an answer to HTTP/1.0 is chunked')
}

async function expect100(url: string): Promise<void> {
  const { text, told } = await curl(
    ['--data-binary', '@-', '-H', 'Expect: 100-continue', '--expect100-timeout', '20', url],
    UPLOAD,
  )
  has('what came first', told, '< HTTP/1.1 100 Continue')
  const { hash, length } = JSON.parse(text)
  same('the length', length, UPLOAD.length)
  same('the hash', hash, sha256(UPLOAD))
}
