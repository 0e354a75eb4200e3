import { grpcToHttp } from '../../http/grpc.ts'
import { Outcome } from '../../outcome.ts'
import type { Stream } from '../../stream.ts'

/** How a call ended, in three words. */
export const Ending = { Ok: 0, ClientError: 1, ServerError: 2 } as const
export type Ending = (typeof Ending)[keyof typeof Ending]

/**
 * By the status of the answer, which for gRPC is that of the call. An answer that did not come, or was cut short, goes by
 * the reason for that, whatever its head has said.
 */
export function endingOf(stream: Stream): Ending {
  const { outcome } = stream
  if (outcome !== Outcome.Ok && !stream.responseDone && !isLeftTunnel(stream))
    return inWords(outcome.status)
  const { callStatus } = stream
  return inWords(callStatus >= 0 ? grpcToHttp(callStatus) : stream.status)
}

/** Whoever opened a tunnel may close it at any time. */
function isLeftTunnel({ outcome, tunnel, responseBegun }: Stream): boolean {
  return tunnel && responseBegun && outcome === Outcome.ClientGone
}

function inWords(status: number): Ending {
  return status < 400 ? Ending.Ok : status < 500 ? Ending.ClientError : Ending.ServerError
}
