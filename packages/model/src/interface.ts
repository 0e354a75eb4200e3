/** A service as its interface declares it: what is needed to say its calls in another protocol. */
export interface ServiceInterface {
  /** Its usual name, such as `com.shop.Stock`. */
  readonly name: string
  /** Empty where it has none. */
  readonly version: string
  readonly group: string
  /** What it is called in a protocol, by the protocol's name, where that differs. */
  readonly names: Readonly<Record<string, string>>
  readonly structs: ReadonlyMap<string, Struct>
  readonly methods: readonly Method[]
}

export interface Method {
  readonly name: string
  /** As of the service: `grpc: Take`. */
  readonly names: Readonly<Record<string, string>>
  readonly parameters: readonly Member[]
  readonly returns: ValueType
  /** What it may throw, as Thrift declares it; other protocols carry the class of an exception themselves. */
  readonly throws: readonly Member[]
  /** Nobody answers. */
  readonly oneway: boolean
  /** How it is called by HTTP; null is `POST /service/method` with the parameters as one JSON object. */
  readonly http: HttpRule | null
}

export interface HttpRule {
  /** In upper case. */
  readonly method: string
  /** Segments, those in braces being parameters: `/stock/{sku}/take`. */
  readonly path: string
  /** The parameter that the body is; `*` is an object of all that the path does not name, empty is no body. */
  readonly body: string
}

/** A parameter, or a field of a struct. */
export interface Member {
  readonly name: string
  readonly type: ValueType
  /** Its number in Thrift, Tars and protobuf: the place in the list, from 1, where it is not said. Tars counts from 0. */
  readonly id: number
  /** Its type in Java, where the type alone does not tell: `java.lang.Integer`; empty goes by the type. */
  readonly java: string
}

export interface Struct {
  readonly name: string
  /** Its class in Java: `com.shop.Item`. */
  readonly java: string
  readonly fields: readonly Member[]
}

/**
 * What a value is. `any` is whatever the protocol's bytes say it is, which only those can carry that describe
 * themselves: Hessian and JSON.
 */
export type ValueType =
  | { readonly kind: 'void' | 'any' | 'bool' | 'string' | 'bytes' | 'date' }
  | { readonly kind: 'i8' | 'i16' | 'i32' | 'i64' | 'float' | 'double' }
  | { readonly kind: 'list'; readonly of: ValueType }
  | { readonly kind: 'map'; readonly key: ValueType; readonly value: ValueType }
  /** By its name in `structs`. */
  | { readonly kind: 'struct'; readonly name: string }

/** What a service or a method is called in a protocol. */
export function nameIn(protocol: string, one: Pick<Method, 'name' | 'names'>): string {
  return one.names[protocol] ?? one.name
}
