import { type FieldVisitor, HttpHead } from '../../http.ts'
import { type Field, Indexing } from './hpack/field.ts'
import { FieldKind } from './hpack/field-kind.ts'

/**
 * A head, or trailers, as HTTP/2 brought it: the fields in the order in which they came, pseudo headers first. Fields
 * are shared with the table they came from, so a head that only passes makes no strings.
 */
export class Http2Head extends HttpHead {
  readonly fields: Field[]
  /** How many of them are pseudo headers. */
  pseudo = 0
  /** `:protocol` of an extended CONNECT (RFC 8441); null without one. */
  protocol: string | null = null
  /** CONNECT without `:protocol`. */
  connect = false
  grpc = false
  takesTrailers = false
  scheme = ''
  authority = ''
  path: string | undefined = undefined

  constructor(fields: Field[]) {
    super()
    this.fields = fields
  }

  get upgrade(): string | null {
    return this.connect ? 'connect' : this.protocol
  }

  header(name: string): string | undefined {
    const { fields } = this
    let found: string | undefined
    for (let i = this.pseudo; i < fields.length; i++) {
      const field = fields[i]!
      if (field.name !== name) continue
      if (found === undefined) found = field.value
      else found += (name === 'cookie' ? '; ' : ', ') + field.value
    }
    return found === undefined && name === 'host' && this.authority !== '' ? this.authority : found
  }

  each(visit: FieldVisitor): void {
    const { fields } = this
    for (let i = this.pseudo; i < fields.length; i++) {
      const { name, value, kind, index } = fields[i]!
      if (kind === FieldKind.Host || kind === FieldKind.Te) continue
      visit(name, value, index === Indexing.Never)
    }
  }
}
