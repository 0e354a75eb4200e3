import { dirname } from 'node:path'
import type { Logger, Result } from '@tulle/core'
import { loadBootstrap, locateProblems } from '@tulle/model'
import { builtins } from '../builtins.ts'
import { equip } from '../runtime/equip.ts'
import { type Plan, plan } from '../runtime/plan.ts'
import type { Source } from './member.ts'

/** Decodes a configuration, loads what it names and plans it: else every problem with file, line and path. */
export async function prepare({ text, file }: Source, log?: Logger): Promise<Result<Plan>> {
  const bootstrap = loadBootstrap(text, file)
  if (!bootstrap.ok) return bootstrap
  const parts = await equip(bootstrap.value, builtins, dirname(file), log)
  const planned = parts.ok ? plan(bootstrap.value, parts.value) : parts
  if (planned.ok) return planned
  return { ok: false, problems: locateProblems(planned.problems, text, file) }
}
