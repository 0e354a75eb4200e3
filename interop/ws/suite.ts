import { type Check, has, makeChecks, same } from '../checks.ts'
import { bootstrap, cluster, httpListener } from '../config.ts'
import { bytes, sha256 } from '../http-origin.ts'
import { npmPackage } from '../need.ts'
import type { Suite } from '../suite.ts'
import { startTulle } from '../tulle.ts'
import { connect, happens, heard, type Peer, refused, startPeer } from './peer.ts'

const ROUTES = [{ match: { prefix: '/' }, route: { cluster: 'sockets' } }]
const LARGE = bytes(1024 * 1024)

/** WebSockets of the npm package `ws` and of Node, through an upgrade that the listener allows. */
export const suite: Suite = {
  name: 'ws',
  needs: [npmPackage('ws', 'ws')],
  async run() {
    const peer = await startPeer()
    const tulle = await startTulle(
      bootstrap(
        [
          httpListener('open', ROUTES, { upgrade_configs: [{ upgrade_type: 'websocket' }] }),
          httpListener('closed', ROUTES),
        ],
        [cluster('sockets', peer.port)],
      ),
    )
    try {
      const open = `ws://127.0.0.1:${tulle.port('open')}`
      const closed = `ws://127.0.0.1:${tulle.port('closed')}`
      return await makeChecks([...socketChecks(open, peer), ...nodeChecks(open), refusal(closed)])
    } finally {
      await tulle.stop()
      peer.stop()
    }
  },
}

function socketChecks(url: string, peer: Peer): Check[] {
  return [
    ['the server is heard first, then echoes', () => echoes(url)],
    [
      'messages are compressed when both want that',
      async () => {
        const socket = await connect(url, { perMessageDeflate: true })
        has('the extensions', socket.extensions, 'permessage-deflate')
        socket.send('again and again '.repeat(1000))
        same('the length', (await heard(socket)).length, 16_000)
        socket.close()
      },
    ],
    [
      'a binary message of 1 MiB comes back whole',
      async () => {
        const socket = await connect(url)
        socket.send(LARGE)
        same('the hash', sha256(await heard(socket)), sha256(LARGE))
        socket.close()
      },
    ],
    [
      'a message in fragments comes back in one piece',
      async () => {
        const socket = await connect(url, { perMessageDeflate: false })
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
        const socket = await connect(url)
        const pong = happens<[Buffer]>(socket, 'pong')
        socket.ping('are you there')
        same('what came back', (await pong)[0].toString(), 'are you there')
        socket.close()
      },
    ],
    [
      'the server closes with its code and reason',
      async () => {
        const socket = await connect(`${url}/leave`)
        const [code, reason] = await happens<[number, Buffer]>(socket, 'close')
        same('the code', code, 4001)
        same('the reason', reason.toString(), 'enough')
      },
    ],
    [
      'the client closes with its code',
      async () => {
        const socket = await connect(url)
        const closed = peer.closedWith(4002)
        socket.close(4002)
        await closed
      },
    ],
    [
      'a connection that breaks behind breaks in front',
      async () => {
        const socket = await connect(`${url}/die`)
        same('the code', (await happens<[number]>(socket, 'close'))[0], 1006)
      },
    ],
    [
      'fifty sockets at once each hear their own',
      async () => {
        await Promise.all(Array.from({ length: 50 }, (_, i) => echoes(url, `number ${i}`)))
      },
    ],
  ]
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

function refusal(url: string): Check {
  return [
    'a listener without websocket in its upgrade_configs refuses with a sentence',
    async () => {
      const { status, text } = await refused(url)
      if (status < 400) throw new Error(`the status is ${status}`)
      has('the body', text, 'upgrade to "websocket" is not among the upgrade_configs here')
    },
  ]
}

async function echoes(url: string, text = 'hello back'): Promise<void> {
  const socket = await connect(url)
  socket.send(text)
  same('the echo', (await heard(socket)).toString(), text)
  const closed = happens<[number]>(socket, 'close')
  socket.close(1000)
  same('the code of the close', (await closed)[0], 1000)
}
