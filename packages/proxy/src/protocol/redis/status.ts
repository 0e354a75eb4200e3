import type { Frame } from '../../frame.ts'
import { Resp } from './reply-reader.ts'

/**
 * What an answer's error says in HTTP's words. Errors about what the client asked are 4xx: no host is to be ejected for
 * them. Errors about the state of the host are 503.
 *
 * | first word                                                                          | status |
 * |-------------------------------------------------------------------------------------|--------|
 * | no error                                                                            | 200    |
 * | MOVED ASK                                                                           | 307    |
 * | ERR WRONGTYPE NOPROTO CROSSSLOT, and words of scripts and modules                   | 400    |
 * | NOAUTH WRONGPASS                                                                    | 401    |
 * | NOPERM DENIED                                                                       | 403    |
 * | NOSCRIPT NOGROUP NOROUTE                                                            | 404    |
 * | EXECABORT BUSYGROUP BUSYKEY NOTBUSY INPROG                                          | 409    |
 * | LIMIT                                                                               | 429    |
 * | FAILED                                                                              | 500    |
 * | BADGATEWAY                                                                          | 502    |
 * | LOADING CLUSTERDOWN MASTERDOWN READONLY OOM BUSY TRYAGAIN NOREPLICAS MISCONF        | 503    |
 * | NOMASTERLINK NOQUORUM IOERR UNKILLABLE UNBLOCKED NOGOODSLAVE UNAVAILABLE            | 503    |
 * | TIMEOUT                                                                             | 504    |
 *
 * NOROUTE, LIMIT, FAILED, BADGATEWAY, UNAVAILABLE and TIMEOUT are ours: no server of Redis says them.
 */
export function statusOf({ buf, start, end }: Frame): number {
  const type = buf[start]
  let at = start + 1
  if (type === Resp.BulkError) at = buf.indexOf(LF, at) + 1
  else if (type !== Resp.Error) return 200
  let stop = at
  while (stop < end && stop - at <= LONGEST && isLetter(buf[stop]!)) stop++
  return STATUSES.get(buf.toString('latin1', at, stop)) ?? 400
}

/** The word by which an answer of ours says a status. */
export function wordFor(status: number): string {
  switch (status) {
    case 401:
      return 'NOAUTH'
    case 403:
      return 'NOPERM'
    case 404:
      return 'NOROUTE'
    case 429:
      return 'LIMIT'
    case 502:
      return 'BADGATEWAY'
    case 503:
      return 'UNAVAILABLE'
    case 408:
    case 504:
      return 'TIMEOUT'
    default:
      return status >= 500 ? 'FAILED' : 'ERR'
  }
}

const LF = 10
const LONGEST = 16

const STATUSES = new Map<string, number>()
say(307, 'MOVED ASK')
say(400, 'ERR WRONGTYPE NOPROTO CROSSSLOT')
say(401, 'NOAUTH WRONGPASS')
say(403, 'NOPERM DENIED')
say(404, 'NOSCRIPT NOGROUP NOROUTE')
say(409, 'EXECABORT BUSYGROUP BUSYKEY NOTBUSY INPROG')
say(429, 'LIMIT')
say(500, 'FAILED')
say(502, 'BADGATEWAY')
say(503, 'LOADING CLUSTERDOWN MASTERDOWN READONLY OOM BUSY TRYAGAIN NOREPLICAS MISCONF')
say(503, 'NOMASTERLINK NOQUORUM IOERR UNKILLABLE UNBLOCKED NOGOODSLAVE UNAVAILABLE')
say(504, 'TIMEOUT')

function say(status: number, words: string): void {
  for (const word of words.split(' ')) STATUSES.set(word, status)
}

function isLetter(byte: number): boolean {
  return byte >= 65 && byte <= 90
}
