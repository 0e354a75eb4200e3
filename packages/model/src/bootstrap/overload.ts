import type { Overload } from '../bootstrap.ts'
import {
  any,
  filledText,
  integer,
  list,
  message,
  number,
  optional,
  required,
  type Type,
  unsupported,
  unused,
} from '../decode/index.ts'

const FIXED_HEAP = 'envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig'
const CONNECTIONS =
  'envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig'

type Monitor = { readonly kind: 'heap' | 'connections'; readonly limit: number }

const LIMIT = integer(1, Number.MAX_SAFE_INTEGER)

const heapMessage: Type<Monitor> = message(
  FIXED_HEAP,
  { max_heap_size_bytes: required(LIMIT, 'Bytes of heap and buffers that are all there is.') },
  (it) => ({ kind: 'heap', limit: it.max_heap_size_bytes }),
)

const connectionsMessage: Type<Monitor> = message(
  CONNECTIONS,
  {
    max_active_downstream_connections: required(LIMIT, 'Connections of all listeners together.'),
  },
  (it) => ({ kind: 'connections', limit: it.max_active_downstream_connections }),
)

const monitorMessage = message(
  'envoy.config.overload.v3.ResourceMonitor',
  {
    name: required(filledText, 'What triggers call it.'),
    typed_config: required(
      any({ [FIXED_HEAP]: heapMessage, [CONNECTIONS]: connectionsMessage }),
      'What is watched, by its `@type`.',
    ),
  },
  (it) => ({ name: it.name, ...it.typed_config }),
)

const thresholdMessage = message(
  'envoy.config.overload.v3.ThresholdTrigger',
  { value: optional(number(0, 1), 0, 'The part of the resource in use at which it acts.') },
  (it) => it.value,
)

const triggerMessage = message(
  'envoy.config.overload.v3.Trigger',
  {
    name: required(filledText, 'The resource monitor.'),
    threshold: required(thresholdMessage, 'When it acts.'),
    ...unsupported('scaled'),
  },
  (it) => it,
)

const STOP = 'envoy.overload_actions.stop_accepting_requests'
const SHRINK = 'envoy.overload_actions.shrink_heap'

const actionMessage = message(
  'envoy.config.overload.v3.OverloadAction',
  {
    name: required(
      filledText,
      `\`${STOP}\`; \`${SHRINK}\` may be given, memory is given back as it is.`,
    ),
    triggers: required(list(triggerMessage, 1), 'What sets it off.'),
    ...unsupported('typed_config'),
  },
  (it, at) => {
    if (it.name !== '' && it.name !== STOP && it.name !== SHRINK)
      at.child('name').say(`"${it.name}" is not supported yet; ${STOP} is`)
    return it
  },
)

export const NO_OVERLOAD: Overload = { maxConnections: 0, maxHeapBytes: 0 }

/** `envoy.config.overload.v3.OverloadManager`: memory above which requests are refused, and connections. */
export const overloadMessage: Type<Overload> = message(
  'envoy.config.overload.v3.OverloadManager',
  {
    resource_monitors: required(list(monitorMessage, 1), 'What is watched.'),
    actions: optional(list(actionMessage), [], 'What is done when it runs short.'),
    ...unused('refresh_interval'),
    ...unsupported('loadshed_points', 'buffer_factory_config'),
  },
  ({ resource_monitors: monitors, actions }, at) => {
    const heap = monitors.find(({ kind }) => kind === 'heap')
    const trigger = actions
      .filter(({ name }) => name === STOP)
      .flatMap(({ triggers }) => triggers)
      .find(({ name }) => name === heap?.name)
    if (heap && !trigger && !at.troubled)
      at.say(`"${heap.name}" has no effect; add an action ${STOP} with a trigger of that name`)
    for (const [index, action] of actions.entries()) {
      for (const [position, { name }] of action.triggers.entries()) {
        if (monitors.some((monitor) => monitor.name === name && monitor.kind === 'heap')) continue
        const place = at.child('actions').child(index).child('triggers').child(position)
        place.child('name').say(`no resource monitor of fixed_heap is called "${name}"`)
      }
    }
    return {
      maxConnections: monitors.find(({ kind }) => kind === 'connections')?.limit ?? 0,
      maxHeapBytes: heap && trigger ? Math.floor(heap.limit * trigger.threshold) : 0,
    }
  },
)
