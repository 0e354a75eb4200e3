import { Turn } from '@tulle/core'
import { HandClock, noteLogger } from '@tulle/testkit'
import { expect, it } from 'vitest'
import { Site } from '../site.ts'
import { Complaints } from './complaints.ts'

it('a flood of complaints is ten lines, and later how many there would have been', () => {
  const clock = new HandClock()
  const log = noteLogger()
  const turn = new Turn(clock)
  const complaints = new Complaints(new Site({ log, turn }))
  const say = (client: string): void => complaints.say('a TLS handshake failed', { client })
  for (let i = 0; i < 25; i++) say(`client ${i}`)
  expect(log.notes.map(({ client }) => client)).toEqual(
    Array.from({ length: 10 }, (_, i) => `client ${i}`),
  )
  clock.turn(10_000)
  turn.end()
  turn.begin()
  say('another')
  say('and another')
  expect(log.notes.slice(10)).toEqual([
    { message: 'a TLS handshake failed', client: 'another', unsaid: 15 },
    { message: 'a TLS handshake failed', client: 'and another' },
  ])
})
