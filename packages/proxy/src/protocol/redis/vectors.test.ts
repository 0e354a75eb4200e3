import { readVectors } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import { argumentsOf } from './names.ts'
import { ReplyReader } from './reply-reader.ts'
import { Got, RequestReader } from './request-reader.ts'

const vectors = [...readVectors(new URL('./vectors/', import.meta.url))]
const answers = vectors.filter(([name]) => name.startsWith('answer'))
const commands = vectors.filter(([name]) => !name.startsWith('answer'))

const COMMANDS = new Map([
  ['client-ioredis', 'hello client client client'],
  ['client-redis-cli', 'HELLO get'],
  ['command', 'GET'],
  ['command-binary', 'set'],
  ['command-empty', 'PING'],
  ['command-inline', 'SET PING'],
  ['hello', 'HELLO HGETALL'],
  ['hello-auth', 'HELLO'],
  ['pipeline', 'INCR CLIENT SELECT GET'],
  ['quit', 'RESET QUIT'],
  ['read-block', 'XREAD XREAD'],
  ['subscribe', 'SUBSCRIBE'],
  ['transaction', 'MULTI INCR GET EXEC'],
])

describe('captured and made bytes', () => {
  it.each(answers.map(([name, bytes]) => ({ name, bytes })))(
    '$name are whole answers',
    (vector) => {
      const reader = new ReplyReader(100_000)
      let text = ''
      for (const byte of vector.bytes) {
        reader.add(Buffer.from([byte]))
        if (reader.next() === Got.Message)
          text += reader.buf.toString('latin1', reader.start, reader.end)
      }
      expect(text).toBe(vector.bytes.toString('latin1'))
    },
  )

  it.each(commands.map(([name, bytes]) => ({ name, bytes })))('$name are commands', (vector) => {
    const reader = new RequestReader(100_000)
    reader.add(vector.bytes)
    const words: string[] = []
    let got = reader.next()
    for (; got === Got.Message; got = reader.next()) {
      const [name] = argumentsOf(reader.buf, reader.start, reader.end)
      words.push(name!.toString())
    }
    expect(got).toBe(Got.More)
    expect(reader.input.length).toBe(0)
    expect(words.join(' ')).toBe(COMMANDS.get(vector.name))
  })
})
