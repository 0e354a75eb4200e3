let second = 0
let date = ''

/** The time of day as HTTP writes it (RFC 9110 §5.6.7), made once a second. */
export function httpDate(): string {
  const now = Math.floor(Date.now() / 1000)
  if (now !== second) {
    second = now
    date = new Date(now * 1000).toUTCString()
  }
  return date
}
