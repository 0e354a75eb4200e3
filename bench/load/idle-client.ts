import { connect } from 'node:net'

/**
 * Opens so many connections, makes one request on each and then leaves them alone, until it is ended. Prints `ready`
 * when all have been answered: `idle-client.ts PORT HOST CONNECTIONS`.
 */
const AT_ONCE = 64

const [port, host, count] = process.argv.slice(2)
const wanted = Number(count)
let begun = 0
let answered = 0

for (let i = 0; i < Math.min(AT_ONCE, wanted); i++) open()

function open(): void {
  begun++
  const socket = connect(Number(port), '127.0.0.1')
  socket.on('error', (error) => give(error.message))
  socket.on('end', () => give('closed by the proxy'))
  socket.once('data', (bytes: Buffer) => {
    if (!bytes.toString('latin1').startsWith('HTTP/1.1 200')) give(bytes.toString('latin1'))
    answered++
    if (begun < wanted) open()
    else if (answered === wanted) process.stdout.write('ready\n')
  })
  socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
}

function give(up: string): void {
  process.stderr.write(`connection ${answered + 1} of ${wanted}: ${up}\n`)
  process.exit(1)
}
