import { connect } from 'node:net'

/**
 * Moves so many bytes over one HTTP/1.1 connection and prints how many and how long as JSON:
 * `bulk-client.ts PORT HOST download|upload BYTES`.
 */
const CHUNK = Buffer.alloc(256 * 1024, 'b')
const HEAD_END = '\r\n\r\n'

const [port, host, direction, size] = process.argv.slice(2)
const bytes = Number(size)
const begun = performance.now()
const moved = direction === 'upload' ? await upload() : await download()
const seconds = (performance.now() - begun) / 1000
process.stdout.write(`${JSON.stringify({ bytes: moved, seconds })}\n`)
if (moved !== bytes) process.exitCode = 1

/** Reads into one buffer over and over; the bytes are only counted. */
function download(): Promise<number> {
  let got = 0
  let head = ''
  return new Promise((resolve, reject) => {
    const count = (length: number, buffer: Uint8Array): boolean => {
      if (head.endsWith(HEAD_END)) got += length
      else got += skipHead(Buffer.from(buffer.buffer, buffer.byteOffset, length))
      if (got >= bytes) {
        socket.destroy()
        resolve(got)
      }
      return true
    }
    const skipHead = (chunk: Buffer): number => {
      const text = head + chunk.toString('latin1')
      const end = text.indexOf(HEAD_END)
      head = end < 0 ? text : text.slice(0, end + HEAD_END.length)
      if (end >= 0 && !head.startsWith('HTTP/1.1 200')) reject(new Error(head))
      return end < 0 ? 0 : text.length - head.length
    }
    const socket = connect({
      port: Number(port),
      host: '127.0.0.1',
      onread: { buffer: Buffer.alloc(256 * 1024), callback: count },
    })
    socket.on('error', reject)
    socket.on('end', () => resolve(got))
    socket.write(`GET /${bytes} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
  })
}

/** Writes as fast as the other side takes it; done when the answer has come. */
function upload(): Promise<number> {
  let left = bytes
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1')
    const pump = (): void => {
      while (left > 0) {
        const chunk = left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK
        left -= chunk.length
        if (!socket.write(chunk)) return
      }
    }
    socket.on('error', reject)
    socket.on('end', () => reject(new Error('closed before the answer')))
    socket.on('drain', pump)
    socket.on('data', (answer: Buffer) => {
      socket.destroy()
      const well = answer.toString('latin1').startsWith('HTTP/1.1 200')
      if (well) resolve(bytes - left)
      else reject(new Error(answer.toString('latin1')))
    })
    socket.write(`PUT / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${bytes}\r\n\r\n`)
    pump()
  })
}
