import type { Duplex } from 'node:stream'

/** Why a host is out: each watcher holds its own bit, and the host is used while none is set. */
export const Unfit = {
  /** Active health checks failed. */
  Check: 1,
  /** Ejected by outlier detection. */
  Outlier: 2,
  /** The registry says so. */
  Registry: 4,
} as const
export type Unfit = (typeof Unfit)[keyof typeof Unfit]

/** What a watcher of health sees of a host, and moves. */
export interface Patient {
  readonly address: string
  /** Bits of `Unfit`; 0 is fit. */
  readonly unfit: number
  /** Sets or clears one bit; the cluster publishes a new picker by the end of the turn. */
  mark(reason: Unfit, unfit: boolean): void
}

/** How a request at a host ended, told to whoever watches the host. Called on the path: field writes only. */
export interface Witness {
  /** An answer with this status in HTTP's words. */
  onAnswer(status: number): void
  /** Connect failure, time-out or reset: no answer came. */
  onLocalFailure(): void
}

/** A host as those see it who ask it how it is. */
export interface CheckedHost extends Patient {
  readonly ip: string
  readonly port: number
  /** What its endpoint is called in the configuration; empty when it has no name. */
  readonly hostname: string
}

/** A connection for one check. `connect` says that it stands, and all that is asked of connections (TLS) is agreed on. */
export interface ProbeConnection extends Duplex {
  /** What TLS agreed on (ALPN); '' in the clear. */
  readonly alpn?: string
}

/** Opens a connection for one check. It does not keep the process alive. */
export type Connect = (host: CheckedHost) => ProbeConnection

/**
 * Sends one heartbeat of an RPC protocol to a host, on a connection of its own or one that is there; `done` is called
 * once, within `timeoutMs`.
 */
export type Ping = (
  protocol: string,
  host: CheckedHost,
  timeoutMs: number,
  done: (alive: boolean) => void,
) => void
