import type { Bench } from '../bench.ts'
import type { Call } from '../load/calls/call.ts'
import { compilerMissing } from '../load/compiled.ts'
import { startRpcUpstream } from '../load/rpc.ts'
import type { Task } from '../peer.ts'
import { OURS } from '../peers.ts'
import type { Contestant } from '../work.ts'
import { lacking } from './lacking.ts'
import { measureRpc, type RpcShape } from './requests.ts'

/** Every peer that carries such calls. */
export function rpcContestants(
  bench: Bench,
  task: Task,
  call: Call,
  shape: RpcShape,
): Contestant[] {
  const contestants = bench.contestants(task, async (start) => {
    const proxy = await start({ to: await startRpcUpstream(bench, call) })
    return measureRpc(bench, proxy, call, shape)
  })
  return lacking(contestants, compilerMissing())
}

/** The contestant that is this checkout, under another name: what others of the work are compared with. */
export function onlyOurs(contestants: readonly Contestant[], name: string): Contestant[] {
  return contestants.filter((it) => it.name === OURS).map((it) => ({ ...it, name }))
}
