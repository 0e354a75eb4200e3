import type { Problem } from '@tulle/core'

/** A name that was used where a resource of that name must exist, and where. */
export interface Mention {
  readonly cluster: string
  readonly at: Place
}

/** What one reading of a document has found out so far. */
export class Report {
  readonly problems: Problem[] = []
  mentions: Mention[] = []
}

/**
 * A spot in the document being read. Its path is written out only when somebody asks, which for a document without
 * problems is almost never.
 */
export class Place {
  readonly parent: Place | null
  readonly key: string | number
  readonly report: Report
  /** Whether something at this spot or below it is wrong. */
  troubled = false
  /** Whether a field was given here that is unknown or refused, and so perhaps the one that is missed. */
  puzzled = false

  constructor(parent: Place | null, key: string | number, report: Report) {
    this.parent = parent
    this.key = key
    this.report = report
  }

  /** Where a value stands that is read for its shape alone: what is said here goes nowhere. */
  static nowhere(): Place {
    return new Place(null, '', new Report())
  }

  /** The spot one step further down: a field by its name, an element by its index. */
  child(key: string | number): Place {
    return new Place(this, key, this.report)
  }

  /** Says what is wrong here and what to do about it. */
  say(what: string): void {
    this.trouble({ at: this.path, what })
  }

  /** Says what is wrong at another spot, of which only the path is known, and counts it as wrong here. */
  sayAt(path: string, what: string): void {
    this.trouble({ at: path, what })
  }

  /** Notes that a cluster of this name must exist; whoever knows all clusters asks later. */
  mention(cluster: string): void {
    this.report.mentions.push({ cluster, at: this })
  }

  /** Takes back what was mentioned at this spot and below. */
  forgetMentions(): void {
    this.report.mentions = this.report.mentions.filter(({ at }) => !at.isWithin(this))
  }

  /** `static_resources.clusters[2].type`; a key that is no plain word stands as `["such.a.key"]`. */
  get path(): string {
    if (this.parent === null) return String(this.key)
    const above = this.parent.path
    if (typeof this.key === 'number') return `${above}[${this.key}]`
    if (!/^[\w@-]+$/.test(this.key)) return `${above}[${JSON.stringify(this.key)}]`
    return above === '' ? this.key : `${above}.${this.key}`
  }

  private trouble(problem: Problem): void {
    this.report.problems.push(problem)
    for (let place: Place | null = this; place; place = place.parent) place.troubled = true
  }

  private isWithin(other: Place): boolean {
    for (let place: Place | null = this; place; place = place.parent) {
      if (place === other) return true
    }
    return false
  }
}

/** The steps of a path as `Place.path` writes it. */
export function stepsOf(path: string): (string | number)[] {
  const steps: (string | number)[] = []
  for (const [, word, index, quoted] of path.matchAll(
    /([\w@-]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/g,
  )) {
    if (word !== undefined) steps.push(word)
    else if (index !== undefined) steps.push(Number(index))
    else steps.push(JSON.parse(quoted!) as string)
  }
  return steps
}
