import type { Import } from './import-graph.ts'
import type { Naming } from './import-order.ts'

const SRC = 'packages/proxy/src/'
/** Folders beside their contract that hold one answer, not one a folder. */
const ONE_ANSWER = ['route']

/**
 * The proxy's contracts. A contract is a file at the top that, however far one follows its imports, leads to nothing
 * but files at the top and folders that are its own (`framed.ts` and `framed/`).
 */
export function contractsOf(imports: readonly Import[]): ReadonlySet<string> {
  const inside = imports.flatMap(({ from, to }) =>
    from.startsWith(SRC) && to.startsWith(SRC) ? [{ from: first(from), to: first(to) }] : [],
  )
  const own = new Set(
    inside.filter(({ from, to }) => from === `${to.slice(0, -1)}.ts`).map(({ to }) => to),
  )
  const names = new Set(inside.flatMap(({ from, to }) => [from, to]))
  const contracts = new Set([...names].filter((name) => name.endsWith('.ts') || own.has(name)))
  for (let before = 0; before !== contracts.size; ) {
    before = contracts.size
    for (const { from, to } of inside) if (!contracts.has(to)) contracts.delete(from)
  }
  return contracts
}

/**
 * Names for the parts of the proxy. All contracts are one part. A folder beside a contract of its name holds that
 * contract's answers (`protocol/bolt`): each of them is a part. Everything else is its first name.
 */
export function proxyParts(contracts: ReadonlySet<string>): Naming {
  return (path) => {
    if (!path.startsWith(SRC)) return null
    const name = first(path)
    if (contracts.has(name)) return 'contracts'
    const [folder, answer] = path.slice(SRC.length).split('/')
    if (!contracts.has(`${folder}.ts`) || ONE_ANSWER.includes(folder!)) return name
    return answer!.endsWith('.ts') ? `${folder}/*.ts` : `${folder}/${answer}`
  }
}

/** `frame.ts`, or `upstream/`. */
function first(path: string): string {
  const inside = path.slice(SRC.length)
  const end = inside.indexOf('/')
  return end < 0 ? inside : inside.slice(0, end + 1)
}
