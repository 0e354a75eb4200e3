import type { Result } from '@tulle/core'
import { addressMessage, addressText, needIp, needPort, type SocketAddress } from '../address.ts'
import type { Bootstrap } from '../bootstrap.ts'
import { clusterMessage } from '../cluster/decode.ts'
import type { Cluster } from '../cluster.ts'
import {
  decode,
  filledText,
  list,
  mapped,
  message,
  nearest,
  nullable,
  optional,
  type Place,
  refused,
  type Type,
  text,
  unsupported,
  unused,
} from '../decode/index.ts'
import { listenerMessage } from '../listener/decode.ts'
import type { Listener } from '../listener.ts'
import { secretList } from '../tls/secret.ts'
import { NO_OVERLOAD, overloadMessage } from './overload.ts'

const nodeMessage = message(
  'envoy.config.core.v3.Node',
  {
    id: optional(text, '', 'What this process is called.'),
    cluster: optional(text, '', 'What the service it is part of is called.'),
    ...unused(
      'metadata',
      'dynamic_parameters',
      'locality',
      'user_agent_name',
      'user_agent_version',
      'user_agent_build_version',
      'extensions',
      'client_features',
      'listening_addresses',
    ),
  },
  (it) => it,
)

const adminMessage = message(
  'envoy.config.bootstrap.v3.Admin',
  {
    address: nullable(addressMessage, 'Where the admin pages are; nowhere when nothing is said.'),
    ...unused('access_log', 'access_log_path', 'profile_path', 'ignore_global_conn_limit'),
    ...unsupported('socket_options', 'allow_paths'),
  },
  (it, at) => {
    if (it.address) {
      needIp(it.address, at.child('address'), 'a listener needs one')
      needPort(
        it.address,
        at.child('address'),
        'the admin pages are on a port; give "socket_address"',
      )
    }
    return it.address
  },
)

const staticMessage = message(
  'envoy.config.bootstrap.v3.Bootstrap.StaticResources',
  {
    listeners: optional(list(listenerMessage), [], 'Where connections come in.'),
    clusters: optional(list(clusterMessage), [], 'Where requests go.'),
    secrets: optional(secretList, [], 'Certificates and authorities, by names.'),
  },
  (it) => it,
  'secrets',
)

/** A name of npm, with a scope or without, or a path. */
const PACKAGE = /^(@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*$|^\.{1,2}$|^\.{0,2}\//

const packageName: Type<string> = mapped(filledText, (name, at) => {
  if (!at.troubled && !PACKAGE.test(name))
    at.say(
      `"${name}" is neither the name of a package, such as tulle-protocol-toy, nor a path that begins with "./"`,
    )
  return name
})

/** `envoy.config.bootstrap.v3.Bootstrap`. */
export const bootstrapMessage: Type<Bootstrap> = message(
  'envoy.config.bootstrap.v3.Bootstrap',
  {
    node: optional(nodeMessage, nodeMessage.blank(), 'Who this process is.'),
    admin: nullable(adminMessage, 'The admin pages.'),
    static_resources: optional(
      staticMessage,
      staticMessage.blank(),
      'Listeners, clusters and secrets that stand in this file.',
    ),
    overload_manager: optional(
      overloadMessage,
      NO_OVERLOAD,
      'What this process may use before it refuses new work.',
    ),
    protocol_packages: optional(
      list(packageName),
      [],
      "npm packages that bring protocols: names, or paths from this file's folder that begin with `./`.",
    ),
    dynamic_resources: refused(
      'resources from a control plane are not supported yet; write them in "static_resources"',
    ),
    ...unused('enable_dispatcher_stats', 'flags_path', 'perf_tracing_file_path'),
    ...unsupported(
      'node_context_params',
      'cluster_manager',
      'hds_config',
      'stats_sinks',
      'deferred_stat_options',
      'stats_config',
      'stats_flush_interval',
      'stats_flush_on_admin',
      'stats_eviction_interval',
      'watchdog',
      'watchdogs',
      'tracing',
      'layered_runtime',
      'header_prefix',
      'stats_server_version_override',
      'use_tcp_for_dns_lookups',
      'dns_resolution_config',
      'typed_dns_resolver_config',
      'bootstrap_extensions',
      'fatal_actions',
      'config_sources',
      'default_config_source',
      'default_socket_interface',
      'certificate_provider_instances',
      'inline_headers',
      'default_regex_engine',
      'xds_delegate_extension',
      'xds_config_tracker_extension',
      'listener_manager',
      'application_log_config',
      'grpc_async_client_manager_config',
      'memory_allocator_manager',
    ),
  },
  (it, at) => {
    const { listeners, clusters } = it.static_resources
    const place = at.child('static_resources')
    needDistinctNames(listeners, place.child('listeners'), 'listener')
    needDistinctNames(clusters, place.child('clusters'), 'cluster')
    needDistinctAddresses(listeners, it.admin, place.child('listeners'))
    needMentioned(clusters, at)
    needDistinctPackages(it.protocol_packages, at.child('protocol_packages'))
    return {
      node: it.node,
      admin: it.admin,
      listeners,
      clusters,
      overload: it.overload_manager,
      protocolPackages: it.protocol_packages,
    }
  },
)

/** Reads a whole configuration from plain data. */
export function decodeBootstrap(value: unknown, at = ''): Result<Bootstrap> {
  return decode(bootstrapMessage, value, at)
}

function needDistinctNames(
  resources: readonly { readonly name: string }[],
  at: Place,
  what: string,
): void {
  const seen = new Map<string, number>()
  resources.forEach(({ name }, index) => {
    const before = seen.get(name)
    if (before === undefined) seen.set(name, index)
    else if (name !== '')
      at.child(index)
        .child('name')
        .say(`${what} "${name}" is there already, as ${at.child(before).path}; rename one`)
  })
}

function needDistinctPackages(names: readonly string[], at: Place): void {
  names.forEach((name, index) => {
    if (names.indexOf(name) < index) at.child(index).say(`"${name}" is named twice; remove one`)
  })
}

function needDistinctAddresses(
  listeners: readonly Listener[],
  admin: SocketAddress | null,
  at: Place,
): void {
  const owners = new Map<string, string>()
  if (admin) owners.set(addressText(admin), 'the admin pages are')
  listeners.forEach(({ name, address }, index) => {
    const text = addressText(address)
    const owner = owners.get(text)
    if (address.port === 0 && address.path === undefined) return
    if (owner) at.child(index).child('address').say(`${text} is where ${owner}; choose another`)
    else owners.set(text, `listener "${name}" is`)
  })
}

/** Up to so many clusters a name that nobody has is compared with all of them. */
const NAMES_COMPARED = 500

/** Complains of clusters that routes name and nobody has defined. */
function needMentioned(clusters: readonly Cluster[], at: Place): void {
  const names = new Set(clusters.map(({ name }) => name))
  for (const mention of at.report.mentions) {
    if (names.has(mention.cluster)) continue
    const meant = names.size > NAMES_COMPARED ? null : nearest(mention.cluster, names)
    const advice = meant ? `did you mean "${meant}"?` : 'define it in static_resources.clusters'
    mention.at.say(`no cluster is called "${mention.cluster}"; ${advice}`)
  }
}
