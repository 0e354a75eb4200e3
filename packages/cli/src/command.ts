/** A command as data: help, documentation and completion come from one record. */
export interface Command {
  /** Two words for a command of a group: `new protocol`. */
  readonly name: string
  readonly summary: string
  /** `<file>` */
  readonly argument: string | null
  readonly options: readonly Option[]
  /** Exit code. Throws `MeshError` for mistakes a person can mend. */
  run(argument: string, options: Readonly<Record<string, unknown>>): Promise<number>
}

export interface Option {
  /** `-c, --config <file>` */
  readonly flags: string
  readonly help: string
  readonly fallback: string | null
  readonly required: boolean
  /** The value, or a sentence that says why it is none; null for plain text. */
  readonly parse: ((text: string) => unknown) | null
}
