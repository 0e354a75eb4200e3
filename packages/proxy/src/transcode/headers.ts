import type { Frame } from '../frame.ts'

/** What travels beside a call or an answer in a frame, without what the protocol itself says there. */
export function headersOf(frame: Frame, isOwn: (name: string) => boolean): Map<string, string> {
  const headers = new Map<string, string>()
  frame.protocol.each?.(frame, (name, value) => {
    if (!isOwn(name)) headers.set(name, value)
  })
  return headers
}
