import { type FSWatcher, watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import { type Logger, MeshError } from '@tulle/core'
import { type Fleet, problemLines } from './fleet.ts'
import { readConfig } from './read-config.ts'

/** Editors and `mv` touch a file several times in a row. */
const SETTLE_MS = 5
/** Where the system tells of no change (network file systems), a look this often finds it. */
const LOOK_EVERY_MS = 2000

/**
 * Applies the configuration file again whenever its text changes. The folder is watched, not the file, so that a file
 * put in its place by `mv` (or Kubernetes' symbolic links) is seen.
 */
export class ConfigWatch {
  readonly #path: string
  readonly #fleet: Fleet
  readonly #log: Logger
  #watcher: FSWatcher | null = null
  #text = ''
  /** Where the admin pages are: they alone stay where they began. */
  #admin = ''
  /** What was said last of a file that cannot be read: it is said once, not at every look. */
  #trouble = ''
  #busy = false
  #again = false
  #timer: NodeJS.Timeout | null = null

  constructor(path: string, fleet: Fleet, log: Logger) {
    this.#path = path
    this.#fleet = fleet
    this.#log = log
  }

  /** `text` is what was applied already. */
  start(text: string): void {
    this.#text = text
    this.#admin = adminOf(this.#fleet)
    try {
      this.#watcher = watch(dirname(this.#path), (_event, name) => {
        if (name === null || name === basename(this.#path) || name.startsWith('..')) this.#soon()
      })
      this.#watcher.unref()
      this.#watcher.on('error', (error) =>
        this.#log.warn('the configuration is not watched', { error: error.message }),
      )
    } catch (error) {
      this.#log.warn('the configuration is only looked at now and then', { error: String(error) })
    }
    setInterval(() => this.#soon(), LOOK_EVERY_MS).unref()
  }

  #soon(): void {
    if (this.#timer !== null) return
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.#look().catch((error: unknown) => this.#onError(error))
    }, SETTLE_MS)
    this.#timer.unref()
  }

  /** One at a time; what changes meanwhile is looked at afterwards. */
  async #look(): Promise<void> {
    if (this.#busy) {
      this.#again = true
      return
    }
    this.#busy = true
    try {
      const text = await readConfig(this.#path)
      if (text === this.#text) return
      // Between two steps of an editor's save a file may be empty; one that stays so is told of once.
      if (text.trim() === '') throw new MeshError('CONFIG_UNREADABLE', `${this.#path} is empty`)
      await this.#apply(text)
      // What a port in use kept from being applied is tried again at the next look.
      this.#text = text
      this.#trouble = ''
    } finally {
      this.#busy = false
      if (this.#again) {
        this.#again = false
        this.#soon()
      }
    }
  }

  async #apply(text: string): Promise<void> {
    const applied = await this.#fleet.apply({ text, file: this.#path })
    if (applied.ok) {
      this.#log.info('configuration applied', { file: this.#path })
      if (adminOf(this.#fleet) !== this.#admin)
        this.#log.warn('a change of "admin" waits for a restart', { file: this.#path })
      return
    }
    this.#log.error('configuration refused; the old one serves on', { file: this.#path })
    process.stderr.write(problemLines(applied.problems))
  }

  #onError(error: unknown): void {
    const sentence = error instanceof Error ? error.message : String(error)
    if (sentence === this.#trouble) return
    this.#trouble = sentence
    this.#log.error('configuration not applied; the old one serves on', {
      file: this.#path,
      error: sentence,
    })
  }
}

function adminOf({ bootstrap }: Fleet): string {
  return JSON.stringify(bootstrap?.admin ?? null)
}
