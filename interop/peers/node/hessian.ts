import type { Order } from './peer.ts'

/** Values with their types in Java, as libraries on top of hessian.js want them. */
export const string = (value: string): object => ({ $class: 'java.lang.String', $: value })
export const int = (value: number): object => ({ $class: 'int', $: value })
export const order = ({ id, items, note }: Order): object => ({
  $class: 'demo.tulle.Order',
  $: {
    id,
    items: {
      $class: 'java.util.ArrayList',
      $: items.map(({ sku, count }) => ({ $class: 'demo.tulle.Item', $: { sku, count } })),
    },
    note,
  },
})
