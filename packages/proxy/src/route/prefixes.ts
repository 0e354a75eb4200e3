import type { Stream } from '../stream.ts'
import { firstOf, type Rule } from './rule.ts'

const SLASH = 47

/**
 * Rules by prefix: a tree whose edges carry the characters that several prefixes share, so that a look costs as much as
 * the path is long, however many prefixes there are.
 *
 *     /api, /api/v1, /app:      '' ── '/ap' ─┬─ 'i' ── '/v1'
 *                                            └─ 'p'
 */
export class Prefixes<T> {
  readonly #root = new Node<T>('')

  /** With `segments` the path has to end after the prefix, or go on with a slash. */
  add(prefix: string, segments: boolean, rule: Rule<T>): void {
    const node = this.#node(prefix)
    if (segments) node.segments = [...(node.segments ?? []), rule]
    else node.rules = [...(node.rules ?? []), rule]
  }

  /** The first rule whose prefix `path` has, if it stands before `best`. */
  first(
    path: string,
    best: Rule<T> | null,
    stream: Stream,
    key: string,
    query: string,
    draw: number,
  ): Rule<T> | null {
    let first = best
    let node = this.#root
    let at = 0
    for (;;) {
      if (node.rules !== null) first = firstOf(node.rules, first, stream, key, query, draw)
      if (node.segments !== null && (at === path.length || path.charCodeAt(at) === SLASH)) {
        first = firstOf(node.segments, first, stream, key, query, draw)
      }
      if (at === path.length) return first
      const next = node.next(path.charCodeAt(at))
      if (next === null || !path.startsWith(next.label, at)) return first
      at += next.label.length
      node = next
    }
  }

  /** The node of a prefix, made if need be by cutting an edge in two. */
  #node(prefix: string): Node<T> {
    let node = this.#root
    let rest = prefix
    while (rest !== '') {
      const next = node.next(rest.charCodeAt(0))
      if (next === null) return node.attach(new Node<T>(rest))
      const shared = sharedLength(next.label, rest)
      if (shared < next.label.length) {
        const middle = node.attach(new Node<T>(rest.slice(0, shared)))
        next.label = next.label.slice(shared)
        middle.attach(next)
        node = middle
      } else node = next
      rest = rest.slice(shared)
    }
    return node
  }
}

class Node<T> {
  /** The characters between the parent and here. */
  label: string
  rules: Rule<T>[] | null = null
  segments: Rule<T>[] | null = null
  /** By the first character of their label. */
  #children: Map<number, Node<T>> | null = null

  constructor(label: string) {
    this.label = label
  }

  next(character: number): Node<T> | null {
    return this.#children?.get(character) ?? null
  }

  attach(child: Node<T>): Node<T> {
    this.#children ??= new Map()
    this.#children.set(child.label.charCodeAt(0), child)
    return child
  }
}

function sharedLength(a: string, b: string): number {
  const end = Math.min(a.length, b.length)
  let at = 0
  while (at < end && a.charCodeAt(at) === b.charCodeAt(at)) at++
  return at
}
