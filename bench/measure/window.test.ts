import { afterAll, expect, it } from 'vitest'
import { Children } from './children.ts'
import { processTree, residentBytes } from './proc.ts'
import { during, PROXY_CORE } from './window.ts'

const children = new Children()
afterAll(() => children.killAll())

it('sees the processor time of a whole process tree, and ends the tree', async () => {
  const spin = 'while :; do :; done'
  const child = children.start(PROXY_CORE, ['sh', '-c', `${spin} & ${spin} & wait`])
  await expect.poll(() => processTree(child.pid).length).toBe(3)
  const tree = processTree(child.pid)
  expect(residentBytes(tree)).toBeGreaterThan(100_000)
  const usage = await during(
    [child.pid],
    [],
    () => new Promise((resolve) => setTimeout(resolve, 300)),
  )
  expect(usage.userUs + usage.systemUs).toBeGreaterThan(0)
  await children.stop(child)
  await expect.poll(() => residentBytes(tree)).toBe(0)
})

it('tells what a failing program said', async () => {
  const failing = children.run(
    PROXY_CORE,
    ['sh', '-c', 'echo first; echo "an Error" >&2; exit 3'],
    5000,
  )
  await expect(failing).rejects.toThrow(/ended with 3: an Error/)
})

it('ends a program that takes too long', async () => {
  await expect(children.run(PROXY_CORE, ['sleep', '60'], 100)).rejects.toThrow('longer than 0.1 s')
})
