const MAX_BYTES = 64 * 1024

/** What a fuzzing thread is at, readable from outside while it is stuck: cases so far, and the input of this one. */
export interface Progress {
  readonly counts: Int32Array<SharedArrayBuffer>
  readonly input: Uint8Array<SharedArrayBuffer>
}

export function newProgress(): Progress {
  return {
    counts: new Int32Array(new SharedArrayBuffer(8)),
    input: new Uint8Array(new SharedArrayBuffer(MAX_BYTES)),
  }
}

/** Notes the input before it is fed. */
export function record({ counts, input }: Progress, bytes: Buffer): void {
  const length = Math.min(bytes.length, MAX_BYTES)
  input.set(bytes.subarray(0, length))
  Atomics.store(counts, 1, length)
  Atomics.add(counts, 0, 1)
}

export function casesOf({ counts }: Progress): number {
  return Atomics.load(counts, 0)
}

/** The input of the case under way, in hexadecimal. */
export function inputOf({ counts, input }: Progress): string {
  return Buffer.from(input.slice(0, Atomics.load(counts, 1))).toString('hex')
}
