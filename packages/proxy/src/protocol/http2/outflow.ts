import type { Turn } from '@tulle/core'
import type { Connection } from '../../connection.ts'
import { slab } from '../../http/slab.ts'
import { stable } from '../../reading.ts'
import type { Lane } from './lane.ts'
import type { Patience } from './patience.ts'
import { DEFAULT_WINDOW, Flag, FRAME_BYTES, FrameType, MAX_WINDOW } from './wire.ts'
import { putFrameHead } from './write.ts'

/** Who is told when a lane's data has left. */
export interface Outlet {
  /** The data before them has left. */
  sendTrailers(lane: Lane): void
  /** What the lane waits to send may go on. */
  resume(lane: Lane): void
}

/** Pieces up to this size are copied behind their frame's head; larger ones are windows of their own. */
const SMALL_BYTES = 1024

/**
 * What we may send (RFC 9113 §5.2): data leaves as far as the windows of its lane and of the connection allow, and the
 * rest waits in the lane's queue. Frames are of 16 KB at most, whatever the peer would take: larger ones hold up other
 * lanes.
 */
export class Outflow {
  /** Of lanes that open now. */
  laneWindow: number = DEFAULT_WINDOW
  readonly #connection: Connection
  readonly #turn: Turn
  readonly #patience: Patience
  readonly #outlet: Outlet
  #window: number = DEFAULT_WINDOW
  /** Lanes with data that waits for windows. */
  #blocked: Lane[] = []
  /** Lanes whose writers wait for the socket. */
  #stalled: Lane[] = []

  constructor(connection: Connection, turn: Turn, patience: Patience, outlet: Outlet) {
    this.#connection = connection
    this.#turn = turn
    this.#patience = patience
    this.#outlet = outlet
  }

  stop(): void {
    this.#blocked = []
    this.#stalled = []
  }

  /** Sends data as far as windows allow; the rest waits. False: pause until the outlet's `resume`. */
  send(lane: Lane, chunk: Buffer, last: boolean): boolean {
    if (lane.queue !== null) {
      if (chunk.length !== 0 || last) lane.queue.push({ chunk: stable(chunk), from: 0, last })
      lane.stalled = true
      return false
    }
    const room = Math.min(lane.sendWindow, this.#window)
    if (chunk.length <= room || chunk.length === 0) {
      this.#write(lane, chunk, 0, chunk.length, last)
      return this.mayGoOn(lane)
    }
    const now = Math.max(room, 0)
    if (now > 0) this.#write(lane, chunk, 0, now, false)
    lane.movedAt = this.#turn.now
    lane.queue = [{ chunk: stable(now === 0 ? chunk : chunk.subarray(now)), from: 0, last }]
    this.#blocked.push(lane)
    lane.stalled = true
    return false
  }

  /** False: the socket is full, and the lane is resumed when it is not. */
  mayGoOn(lane: Lane): boolean {
    if (!this.#connection.blocked) return true
    if (!lane.stalled) {
      lane.stalled = true
      this.#stalled.push(lane)
    }
    return false
  }

  /** The socket takes more. */
  drained(): void {
    const stalled = this.#stalled
    if (stalled.length === 0) return
    this.#stalled = []
    for (const lane of stalled) this.#resumeIfFree(lane)
  }

  /** The peer takes more on the connection. False: a window above 2³¹-1. */
  open(more: number): boolean {
    this.#window += more
    if (this.#window > MAX_WINDOW) return false
    this.#sendBlocked()
    return true
  }

  /** The same on a lane. */
  openLane(lane: Lane, more: number): boolean {
    lane.sendWindow += more
    if (lane.sendWindow > MAX_WINDOW) return false
    if (lane.queue !== null) this.#sendBlocked()
    return true
  }

  /** The peer's SETTINGS give lanes another window, those that are open as well. */
  resize(window: number, lanes: readonly Lane[]): boolean {
    const more = window - this.laneWindow
    this.laneWindow = window
    for (const lane of lanes) {
      lane.sendWindow += more
      if (lane.sendWindow > MAX_WINDOW) return false
    }
    if (more > 0) this.#sendBlocked()
    return true
  }

  /** Writes what the windows allow now, a frame of each lane in turn. */
  #sendBlocked(): void {
    let again = this.#blocked
    this.#blocked = []
    while (again.length > 0 && this.#window > 0) {
      const next: Lane[] = []
      for (const lane of again) {
        if (lane.queue === null) continue
        if (this.#sendQueued(lane)) next.push(lane)
        else if (lane.queue !== null) this.#blocked.push(lane)
        else this.#resumeIfFree(lane)
      }
      again = next
    }
    for (const lane of again) if (lane.queue !== null) this.#blocked.push(lane)
  }

  /** Writes one frame of what waits. True: there is more, and windows for it. */
  #sendQueued(lane: Lane): boolean {
    const queue = lane.queue!
    const first = queue[0]!
    const left = first.chunk.length - first.from
    const bytes = Math.min(left, lane.sendWindow, this.#window, FRAME_BYTES)
    if (bytes <= 0 && left > 0) return false
    const whole = bytes === left
    const { from } = first
    first.from += bytes
    if (whole) queue.shift()
    if (queue.length === 0) lane.queue = null
    lane.movedAt = this.#turn.now
    this.#write(lane, first.chunk, from, from + bytes, whole && first.last)
    if (lane.queue === null && lane.trailers !== null) this.#outlet.sendTrailers(lane)
    return lane.queue !== null
  }

  #write(lane: Lane, chunk: Buffer, start: number, end: number, last: boolean): void {
    const connection = this.#connection
    lane.sendWindow -= end - start
    this.#window -= end - start
    if (last) lane.outDone = true
    if (end > start) this.#patience.sent(Math.ceil((end - start) / FRAME_BYTES))
    let from = start
    do {
      const bytes = Math.min(end - from, FRAME_BYTES)
      const to = from + bytes
      putFrameHead(slab, bytes, FrameType.Data, last && to === end ? Flag.EndStream : 0, lane.id)
      if (bytes <= SMALL_BYTES) {
        slab.copy(chunk, from, to)
        slab.write(connection)
      } else {
        slab.write(connection)
        connection.write(chunk, from, to)
      }
      from = to
    } while (from < end)
  }

  #resumeIfFree(lane: Lane): void {
    if (!lane.stalled || lane.queue !== null) return
    lane.stalled = false
    if (this.#connection.blocked) {
      lane.stalled = true
      this.#stalled.push(lane)
    } else this.#outlet.resume(lane)
  }
}
