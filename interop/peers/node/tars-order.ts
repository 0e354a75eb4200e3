import { createRequire } from 'node:module'
import type { Order } from './peer.ts'

/** The little of the npm package `@tars/stream` that is used here. */
export const stream: {
  readonly TarsInputStream: new (body: unknown) => In
  readonly TarsOutputStream: new () => Out
  List(of: object): List
} = createRequire(import.meta.url)('@tars/stream')

/** Reads values by their tags. */
export interface In {
  readString<T>(tag: number, required: boolean, otherwise: T): string | T
  readInt32(tag: number, required: boolean, otherwise: number): number
  readStruct<T>(tag: number, required: boolean, of: { _readFrom(from: In): T }): T
  readList(tag: number, required: boolean, list: List): List
}

/** Writes values with their tags. */
export interface Out {
  writeString(tag: number, value: string): void
  writeInt32(tag: number, value: number): void
  writeStruct(tag: number, value: { _writeTo(out: Out): void }): void
  writeList(tag: number, value: List): void
  getBinBuffer(): unknown
}

interface List {
  readonly value: ItemStruct[]
}

/** A line of an order, with the words of generated code. */
class ItemStruct {
  static readonly _classname = 'Tulle.Item'
  sku = ''
  count = 0

  static _write(out: Out, tag: number, value: ItemStruct): void {
    out.writeStruct(tag, value)
  }

  static _read(from: In, tag: number): ItemStruct {
    return from.readStruct(tag, true, ItemStruct)
  }

  static _readFrom(from: In): ItemStruct {
    const it = new ItemStruct()
    it.sku = from.readString(1, true, '')
    it.count = from.readInt32(2, true, 0)
    return it
  }

  _writeTo(out: Out): void {
    out.writeString(1, this.sku)
    out.writeInt32(2, this.count)
  }
}

/** An order, with the words of generated code. */
export class OrderStruct {
  static readonly _classname = 'Tulle.Order'
  #order: Order

  private constructor(order: Order) {
    this.#order = order
  }

  static of(order: Order): OrderStruct {
    return new OrderStruct(order)
  }

  static _readFrom(from: In): OrderStruct {
    const id = from.readString(1, true, '')
    const items = from.readList(2, true, stream.List(ItemStruct)).value
    const note = from.readString(3, false, null)
    return new OrderStruct({ id, items: items.map(({ sku, count }) => ({ sku, count })), note })
  }

  get order(): Order {
    return this.#order
  }

  _writeTo(out: Out): void {
    const { id, items, note } = this.#order
    const list = stream.List(ItemStruct)
    for (const item of items) list.value.push(Object.assign(new ItemStruct(), item))
    out.writeString(1, id)
    out.writeList(2, list)
    if (note !== null) out.writeString(3, note)
  }
}
