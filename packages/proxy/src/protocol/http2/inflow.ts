import type { Turn } from '@tulle/core'
import type { Http2Settings } from '@tulle/model'
import type { Connection } from '../../connection.ts'
import { Bandwidth } from './bandwidth.ts'
import type { Lane } from './lane.ts'
import { DEFAULT_WINDOW, Setting } from './wire.ts'
import { writePing, writeSettings, writeWindow } from './write.ts'

/** A PING of ours carries what it is for. */
const PING_MEASURE = Buffer.from('bandwdth')
/**
 * Data of lanes whose takers pause, up to which the window of the whole connection is given back all the same: clients
 * share the connection to a host, and one that does not read must not stop the others.
 */
const LENT_BYTES = 6 * 1024 * 1024

/**
 * What the peer may send (RFC 9113 §5.2): a window for each lane and one for the connection. Bytes that were passed on
 * are owed to the peer, which is told when they are half a window.
 *
 * ```
 *   data ─▶ passed on ───────────▶ owed ─▶ WINDOW_UPDATE
 *      └──▶ withheld: its taker ─────┘
 *           pauses
 * ```
 */
export class Inflow {
  /** How much a peer may send on a lane that opens now. */
  laneWindow: number
  readonly #connection: Connection
  readonly #turn: Turn
  /** Whether what is withheld is given back to the connection. */
  readonly #lends: boolean
  readonly #bandwidth: Bandwidth
  #window: number
  #wanted: number
  #owed = 0
  #lent = 0
  #stopped = false

  constructor(connection: Connection, turn: Turn, settings: Http2Settings, lends: boolean) {
    this.#connection = connection
    this.#turn = turn
    this.#lends = lends
    this.#bandwidth = new Bandwidth(settings.initialStreamWindowBytes)
    // Before it has read our settings a peer may go by the protocol's own.
    this.laneWindow = Math.max(settings.initialStreamWindowBytes, DEFAULT_WINDOW)
    this.#wanted = Math.max(settings.initialConnectionWindowBytes, DEFAULT_WINDOW)
    this.#window = this.#wanted
  }

  /** What SETTINGS say of a lane's window. */
  get announced(): number {
    return this.#bandwidth.window
  }

  /** Says how large the window of the connection is. */
  greet(): void {
    if (this.#wanted > DEFAULT_WINDOW)
      writeWindow(this.#connection, 0, this.#wanted - DEFAULT_WINDOW)
  }

  stop(): void {
    this.#stopped = true
  }

  /** Bytes have come. False: more than the window of the connection. */
  take(bytes: number): boolean {
    this.#window -= bytes
    return this.#window >= 0
  }

  /** They are for a lane that wants them. */
  measure(bytes: number): void {
    this.#bandwidth.onData(bytes)
  }

  /** These bytes have been passed on: the peer may send as many again, which it is told now and then. */
  pass(lane: Lane, bytes: number): void {
    this.owe(bytes)
    this.#open(lane, bytes)
  }

  /** Their taker asks to pause: the peer learns nothing of these bytes on the lane's window. */
  withhold(lane: Lane, bytes: number): void {
    lane.withheld += bytes
    if (!this.#lends || this.#lent + bytes > LENT_BYTES) return
    lane.lent += bytes
    this.#lent += bytes
    this.owe(bytes)
  }

  /** Its taker goes on: what was withheld is passed on. */
  release(lane: Lane): void {
    const { withheld } = lane
    if (withheld === 0) return
    this.forget(lane)
    this.#open(lane, withheld)
  }

  /** The lane is over: what was withheld is the connection's again. */
  forget(lane: Lane): void {
    const bytes = lane.withheld - lane.lent
    this.#lent -= lane.lent
    lane.withheld = 0
    lane.lent = 0
    this.owe(bytes)
  }

  /** Bytes that no lane has to do with any more. */
  owe(bytes: number): void {
    this.#owed += bytes
    if (this.#owed * 2 < this.#wanted || this.#stopped) return
    writeWindow(this.#connection, 0, this.#owed)
    this.#window += this.#owed
    this.#owed = 0
  }

  /** Whether the answer to a PING is the one waited for here; the windows of all lanes may have grown by it. */
  measured(buf: Buffer, start: number, lanes: () => readonly Lane[]): boolean {
    if (!this.#bandwidth.measuring || PING_MEASURE.compare(buf, start, start + 8) !== 0)
      return false
    if (this.#bandwidth.end(this.#turn.now)) this.#widen(lanes())
    return true
  }

  #open(lane: Lane, bytes: number): void {
    if (lane.inDone || this.#stopped) return
    lane.owed += bytes
    if (lane.owed * 2 < this.laneWindow) return
    writeWindow(this.#connection, lane.id, lane.owed)
    lane.receiveWindow += lane.owed
    lane.owed = 0
    if (this.#bandwidth.begin(this.#turn.now)) writePing(this.#connection, PING_MEASURE, false)
  }

  /** Windows of lanes, and of the whole, follow what the path was found to hold. */
  #widen(lanes: readonly Lane[]): void {
    const { window } = this.#bandwidth
    writeSettings(this.#connection, [Setting.InitialWindowSize, window])
    const more = Math.ceil(window * 1.5) - this.#wanted
    if (more > 0) {
      writeWindow(this.#connection, 0, more)
      this.#window += more
      this.#wanted += more
    }
    for (const lane of lanes) lane.receiveWindow += window - this.laneWindow
    this.laneWindow = window
  }
}
