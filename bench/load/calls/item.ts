import { boltAnswer, boltCall } from './bolt.ts'
import { type Call, INTERFACE } from './call.ts'
import { DraftWriter, JavaObject, Long } from './hessian.ts'

/* A call that is converted: JSON here, an object of Java there. */

/** A number of each kind, texts, a list and a map: about 200 bytes of JSON. */
const ITEM = {
  sku: 'granny-smith-0042',
  name: 'Granny Smith, crisp and tart, from the eastern orchard',
  count: 7,
  cents: 399,
  weight: 0.185,
  fresh: true,
  tags: ['fruit', 'green', 'organic'],
  marks: { east: 12, west: 7 },
}
const CLASS = 'org.example.Item'
const FIELDS = {
  sku: 'string',
  name: 'string',
  count: 'i32',
  cents: 'i64',
  weight: 'double',
  fresh: 'bool',
  tags: 'list<string>',
  marks: 'map<string, i32>',
}

export const ITEM_PATH: string = `/${INTERFACE}/echo`
export const ITEM_JSON: string = JSON.stringify({ item: ITEM })
/** Bytes of the same item in an answer. */
export const ITEM_BYTES: number = JSON.stringify(ITEM).length

/** What the service declares. `ready` answers GETs, by which a proxy is seen to serve. */
export const ITEM_SERVICE: object = {
  name: INTERFACE,
  version: '1.0',
  structs: {
    Item: {
      java: CLASS,
      fields: Object.entries(FIELDS).map(([name, type]) => ({ name, type })),
    },
  },
  methods: [
    { name: 'echo', parameters: [{ name: 'item', type: 'Item' }], returns: 'Item' },
    { name: 'ready', returns: 'Item', http: { method: 'GET', path: '/', body: '' } },
  ],
}

const RESPONSE = 'com.alipay.sofa.rpc.core.response.SofaResponse'
const response = new JavaObject(RESPONSE, {
  isError: false,
  errorMsg: null,
  appResponse: new JavaObject(CLASS, { ...ITEM, cents: new Long(ITEM.cents) }),
  responseProps: null,
})

/** How hosts are called, and what they answer. */
export const itemCall: Call = {
  ...boltCall,
  answer: boltAnswer(RESPONSE, new DraftWriter().write(response)),
}
