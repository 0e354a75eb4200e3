import { existsSync, type FSWatcher, lstatSync, readlinkSync, watch } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import type { Logger } from '@tulle/core'
import type { DownstreamTls, UpstreamTls } from '@tulle/model'
import { type Material, readMaterial } from './material.ts'

/** Files that belong together are written one after the other: so long nothing may happen before they are read. */
const QUIET_MS = 100
/** Longer chains of links are a ring. */
const MAX_LINKS = 32

/** Reads material again when its files change, and hands it on if it is good; if not, the old one serves on. */
export class MaterialWatch {
  readonly #config: DownstreamTls | UpstreamTls
  readonly #at: string
  readonly #log: Logger
  readonly #onMaterial: (material: Material) => void
  readonly #watchers = new Map<string, FSWatcher>()
  #files: readonly string[]
  #digest: string
  /** What was wrong the last time: said once. */
  #complaint = ''
  #timer: NodeJS.Timeout | null = null
  #stopped = false

  constructor(
    config: DownstreamTls | UpstreamTls,
    material: Material,
    at: string,
    log: Logger,
    onMaterial: (material: Material) => void,
  ) {
    this.#config = config
    this.#at = at
    this.#log = log
    this.#onMaterial = onMaterial
    this.#files = material.files
    this.#digest = material.digest
    this.#watch()
  }

  stop(): void {
    this.#stopped = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#close()
  }

  #changed(): void {
    if (this.#stopped) return
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#read(), QUIET_MS).unref()
  }

  #read(): void {
    this.#timer = null
    // Directories first: what changes from here on is seen.
    this.#watch()
    const result = readMaterial(this.#config, this.#at)
    if (!result.ok) {
      const complaint = JSON.stringify(result.problems)
      if (complaint === this.#complaint) return
      this.#complaint = complaint
      for (const { at, what } of result.problems)
        this.#log.warn('changed certificates are not taken, those of before serve on', { at, what })
      return
    }
    this.#complaint = ''
    if (result.value.digest === this.#digest) return
    this.#digest = result.value.digest
    this.#files = result.value.files
    this.#onMaterial(result.value)
    this.#log.info('certificates replaced', { at: this.#at, files: this.#files })
  }

  /** Watches anew: links may lead elsewhere, and a directory may be another one by the same name. */
  #watch(): void {
    this.#close()
    for (const directory of new Set(this.#files.flatMap((file) => [...directoriesOf(file)])))
      this.#watchOne(directory)
  }

  #watchOne(wanted: string): void {
    const directory = existing(wanted)
    if (this.#watchers.has(directory)) return
    try {
      const watcher = watch(directory, { persistent: false }, () => this.#changed())
      watcher.on('error', () => this.#changed())
      this.#watchers.set(directory, watcher)
    } catch (error) {
      const why = (error as Error).message
      this.#log.warn('certificates are not watched for changes', { directory, error: why })
    }
  }

  #close(): void {
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
  }
}

/** The directory, or the nearest one above it that there is. */
function existing(directory: string): string {
  return existsSync(directory) || directory === sep ? directory : existing(dirname(directory))
}

/** Every directory in which a change may give the file other contents: its own, and those of links on the way. */
export function directoriesOf(file: string): ReadonlySet<string> {
  const found = new Set<string>()
  const parts = resolve(file).split(sep)
  let place: string = sep
  let links = 0
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    if (part === '' || part === '.') continue
    if (part === '..') {
      place = dirname(place)
      continue
    }
    const link = links < MAX_LINKS ? linkAt(join(place, part)) : null
    if (link === null) {
      if (parts.length === 0) found.add(place)
      place = join(place, part)
      continue
    }
    links++
    found.add(place)
    parts.unshift(...link.split(sep))
    if (link.startsWith(sep)) place = sep
  }
  return found
}

function linkAt(path: string): string | null {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : null
  } catch {
    // What is not there is no link.
    return null
  }
}
