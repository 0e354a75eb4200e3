import {
  boolean,
  filledText,
  integer,
  list,
  mapOf,
  message,
  nullable,
  optional,
  type Place,
  required,
  type Type,
  text,
} from '../decode/index.ts'
import type { HttpRule, Member, Method, ServiceInterface, Struct } from '../interface.ts'
import { needStructs, valueType } from './value-type.ts'

const memberMessage = message(
  'tulle.proxy.v1.Member',
  {
    name: required(filledText, 'Its name.'),
    type: optional(
      valueType,
      { kind: 'any' },
      'What it is: `bool`, `i32`, `i64`, `double`, `string`, `bytes`, `list<T>`, `map<K, V>`, a struct.',
    ),
    id: optional(
      integer(0, 32767),
      0,
      'Its number in Thrift, protobuf and Tars; 0 is its place in the list, from 1.',
    ),
    java: optional(text, '', 'Its type in Java, where `type` alone does not tell.'),
  },
  (it) => it,
)

/** Fields in order, those without a number having that of their place. */
const fields = list(memberMessage)

const structMessage: Type<Omit<Struct, 'name'>> = message(
  'tulle.proxy.v1.Struct',
  {
    java: optional(text, '', 'Its class in Java.'),
    fields: optional(fields, [], 'What it is made of.'),
  },
  (it) => ({ java: it.java, fields: numbered(it.fields) }),
)

const httpMessage: Type<HttpRule> = message(
  'tulle.proxy.v1.HttpRule',
  {
    method: optional(filledText, 'POST', 'The request method.'),
    path: required(filledText, 'Segments; those in braces are parameters: `/stock/{sku}/take`.'),
    body: optional(
      text,
      '*',
      'The parameter that the body is: `*` is an object of all that the path does not name, empty is no body.',
    ),
  },
  (it, at) => {
    if (!it.path.startsWith('/')) at.child('path').say('must begin with "/"')
    return { method: it.method.toUpperCase(), path: it.path, body: it.body }
  },
)

const methodMessage: Type<Method> = message(
  'tulle.proxy.v1.Method',
  {
    name: required(filledText, 'Its name.'),
    names: optional(
      mapOf(filledText),
      {},
      'What it is called in a protocol, where that differs: `grpc: Take`.',
    ),
    parameters: optional(fields, [], 'What it takes, in order.'),
    returns: optional(valueType, { kind: 'any' }, 'What it gives back.'),
    throws: optional(fields, [], 'The exceptions that Thrift declares.'),
    oneway: optional(boolean, false, 'Nobody answers.'),
    http: nullable(httpMessage, 'How it is called by HTTP.'),
  },
  (it, at) => {
    const method = { ...it, parameters: numbered(it.parameters), throws: numbered(it.throws) }
    if (it.http !== null) needParameters(it.http, it.parameters, at.child('http'))
    return method
  },
)

/** `tulle.proxy.v1.ServiceInterface`. */
export const serviceMessage: Type<ServiceInterface> = message(
  'tulle.proxy.v1.ServiceInterface',
  {
    name: required(filledText, 'Its usual name, such as `com.shop.Stock`.'),
    version: optional(text, '', 'Of the interface, where there are several.'),
    group: optional(text, '', 'Where services of one name are told apart by it.'),
    names: optional(
      mapOf(filledText),
      {},
      'What it is called in a protocol, where that differs: `grpc: shop.Stock`.',
    ),
    structs: optional(mapOf(structMessage), {}, 'Types of its own, by name.'),
    methods: required(list(methodMessage, 1), 'What can be called.'),
  },
  (it, at) => {
    const structs = new Map(
      Object.entries(it.structs).map(([name, one]) => [name, { name, ...one }]),
    )
    needKnownTypes(it.methods, structs, at)
    return { ...it, structs }
  },
)

function numbered(given: readonly Member[]): readonly Member[] {
  return given.map((field, place) => (field.id > 0 ? field : { ...field, id: place + 1 }))
}

function needParameters({ path, body }: HttpRule, parameters: readonly Member[], at: Place): void {
  const known = parameters.map(({ name }) => name)
  for (const [, name] of path.matchAll(/\{([^}]*)\}/g))
    if (!known.includes(name!)) at.child('path').say(`the method has no parameter "${name}"`)
  if (body !== '' && body !== '*' && !known.includes(body))
    at.child('body').say(`the method has no parameter "${body}"`)
}

function needKnownTypes(
  methods: readonly Method[],
  structs: ReadonlyMap<string, Struct>,
  at: Place,
): void {
  const known = new Set(structs.keys())
  const check = (list: readonly Member[], place: Place) => {
    for (const [i, { type }] of list.entries())
      needStructs(type, known, place.child(i).child('type'))
  }
  for (const { name, fields: own } of structs.values())
    check(own, at.child('structs').child(name).child('fields'))
  methods.forEach((method, i) => {
    const place = at.child('methods').child(i)
    check(method.parameters, place.child('parameters'))
    check(method.throws, place.child('throws'))
    needStructs(method.returns, known, place.child('returns'))
  })
}
