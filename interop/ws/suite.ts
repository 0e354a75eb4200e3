import { readFile } from 'node:fs/promises'
import { makeCertificates, openssl } from '../certificates.ts'
import { type Check, has, makeChecks, same } from '../checks.ts'
import { bytes, sha256 } from '../http-origin.ts'
import { npmPackage } from '../need.ts'
import type { Suite } from '../suite.ts'
import { startTulle } from '../tulle.ts'
import { farConfig, nearConfig } from './config.ts'
import { connectChecks } from './connect-checks.ts'
import { connect, happens, heard, type Peer, refused, startPeer } from './peer.ts'

const LARGE = bytes(1024 * 1024)

/** WebSockets of the npm package `ws` and of Node, through an upgrade that the listener allows. */
export const suite: Suite = {
  name: 'ws',
  needs: [npmPackage('ws', 'ws'), openssl],
  async run() {
    await using stack = new AsyncDisposableStack()
    const certificates = await makeCertificates()
    stack.defer(certificates.remove)
    const peer = await startPeer()
    stack.defer(peer.stop)
    const far = await startTulle(farConfig(peer.port, certificates))
    stack.defer(far.stop)
    const near = await startTulle(nearConfig(peer.port, far, certificates))
    stack.defer(near.stop)

    const at = (listener: string): string => `127.0.0.1:${near.port(listener)}`
    const tls = { ca: await readFile(certificates.ca) }
    return await makeChecks([
      ...socketChecks('HTTP/1.1', `ws://${at('open')}`, peer),
      ...socketChecks('HTTP/1.1 over TLS', `wss://${at('secret')}`, peer, tls),
      ...socketChecks('HTTP/1.1 → h2c → HTTP/1.1', `ws://${at('through')}`, peer),
      ...socketChecks('over TLS → h2 over TLS → HTTP/1.1', `wss://${at('dark')}`, peer, tls),
      ...nodeChecks(`ws://${at('open')}`),
      ...connectChecks(`http://127.0.0.1:${far.port('plain')}`),
      refusal('a listener', `ws://${at('closed')}`),
      refusal('a listener behind HTTP/2', `ws://${at('far-closed')}`),
    ])
  },
}

/** What `ws` has to find, whatever is between. */
function socketChecks(how: string, url: string, peer: Peer, options: object = {}): Check[] {
  const checks: Check[] = [
    ['the server is heard first, then echoes', () => echoes(url, options)],
    [
      'messages are compressed when both want that',
      async () => {
        const socket = await connect(url, { ...options, perMessageDeflate: true })
        has('the extensions', socket.extensions, 'permessage-deflate')
        socket.send('again and again '.repeat(1000))
        same('the length', (await heard(socket)).length, 16_000)
        socket.close()
      },
    ],
    [
      'a binary message of 1 MiB comes back whole',
      async () => {
        const socket = await connect(url, options)
        socket.send(LARGE)
        same('the hash', sha256(await heard(socket)), sha256(LARGE))
        socket.close()
      },
    ],
    [
      'a message in fragments comes back in one piece',
      async () => {
        const socket = await connect(url, { ...options, perMessageDeflate: false })
        socket.send('one ', { fin: false })
        socket.send('two ', { fin: false })
        socket.send('three', { fin: true })
        same('the message', (await heard(socket)).toString(), 'one two three')
        socket.close()
      },
    ],
    [
      'a ping is answered by the other side',
      async () => {
        const socket = await connect(url, options)
        const pong = happens<[Buffer]>(socket, 'pong')
        socket.ping('are you there')
        same('what came back', (await pong)[0].toString(), 'are you there')
        socket.close()
      },
    ],
    [
      'the server closes with its code and reason',
      async () => {
        const socket = await connect(`${url}/leave`, options)
        const [code, reason] = await happens<[number, Buffer]>(socket, 'close')
        same('the code', code, 4001)
        same('the reason', reason.toString(), 'enough')
      },
    ],
    [
      'the client closes with its code',
      async () => {
        const socket = await connect(url, options)
        const closed = peer.closedWith(4002)
        socket.close(4002)
        await closed
      },
    ],
    [
      'a connection that breaks behind breaks in front',
      async () => {
        const socket = await connect(`${url}/die`, options)
        same('the code', (await happens<[number]>(socket, 'close'))[0], 1006)
      },
    ],
    [
      'fifty sockets at once each hear their own',
      async () => {
        const each = (_: unknown, i: number): Promise<void> => echoes(url, options, `number ${i}`)
        await Promise.all(Array.from({ length: 50 }, each))
      },
    ],
  ]
  return checks.map(([sentence, find]) => [`${how}: ${sentence}`, find])
}

function nodeChecks(url: string): Check[] {
  return [
    [
      "Node's own client is heard and hears",
      async () => {
        const socket = new WebSocket(url)
        const said: unknown[] = []
        const { promise, resolve } = Promise.withResolvers<void>()
        socket.onmessage = ({ data }) => {
          said.push(data)
          if (said.length === 1) socket.send('from Node')
          else resolve()
        }
        await promise
        same('what was said', said.join(), 'hello,from Node')
        socket.close()
      },
    ],
  ]
}

function refusal(whose: string, url: string): Check {
  return [
    `${whose} without websocket in its upgrade_configs refuses with a sentence`,
    async () => {
      const { status, text } = await refused(url)
      if (status < 400) throw new Error(`the status is ${status}`)
      has('the body', text, 'upgrade to "websocket" is not among the upgrade_configs here')
    },
  ]
}

async function echoes(url: string, options: object, text = 'hello back'): Promise<void> {
  const socket = await connect(url, options)
  socket.send(text)
  same('the echo', (await heard(socket)).toString(), text)
  const closed = happens<[number]>(socket, 'close')
  socket.close(1000)
  same('the code of the close', (await closed)[0], 1000)
}
