/** One thing that is wrong with a piece of outside data, and where: `static_resources.clusters[3].type`. */
export interface Problem {
  readonly at: string
  readonly what: string
}

/** A value, or everything that stood in its way. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** A result that holds `value`. */
export function good<T>(value: T): Result<T> {
  return { ok: true, value }
}

/** A result that holds what is wrong. */
export function bad(...problems: readonly Problem[]): Result<never> {
  return { ok: false, problems }
}
