import type { Patient, Unfit } from '@tulle/proxy'

/** A host that only remembers how it was marked. */
export class FakePatient implements Patient {
  readonly address: string
  readonly ip: string
  readonly port: number
  readonly hostname: string
  readonly priority: number
  unfit = 0
  /** How often a bit really changed. */
  changes = 0

  constructor(port: number, init: { hostname?: string; priority?: number; unfit?: number } = {}) {
    this.ip = '127.0.0.1'
    this.port = port
    this.address = `127.0.0.1:${port}`
    this.hostname = init.hostname ?? ''
    this.priority = init.priority ?? 0
    this.unfit = init.unfit ?? 0
  }

  mark(reason: Unfit, unfit: boolean): void {
    const before = this.unfit
    this.unfit = unfit ? before | reason : before & ~reason
    if (this.unfit !== before) this.changes++
  }
}
