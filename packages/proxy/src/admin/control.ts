import { type Clock, LOG_LEVELS } from '@tulle/core'
import type { Endpoint } from './endpoint.ts'
import { json, type Reply, text } from './reply.ts'
import type { AdminSubject } from './subject.ts'

/** `/ready`, `/server_info`, `/logging` and `/drain`: the process itself. */
export function controlEndpoints(subject: AdminSubject, clock: Clock): Endpoint[] {
  return [
    {
      path: '/ready',
      help: '200 and LIVE while new work may be sent here, else 503 and why not',
      post: null,
      get: () => ready(subject),
    },
    {
      path: '/server_info',
      help: 'id, version, uptime, workers and state, as JSON',
      post: null,
      get: () => json(serverInfo(subject, clock)),
    },
    {
      path: '/logging',
      help: 'the log level; POST ?level=LEVEL changes it',
      get: () => text(`level: ${subject.logLevel}\nknown: ${LOG_LEVELS.join(', ')}`),
      post: (ask) => setLevel(subject, ask.query.get('level')),
    },
    {
      path: '/drain',
      help: 'POST stops taking connections, lets calls under way end, then ends the process',
      get: () =>
        text(
          'a POST to /drain makes this proxy stop taking connections, let calls under way end, and then exit',
        ),
      post: () => {
        subject.drain()
        return text('draining')
      },
    },
  ]
}

function ready(subject: AdminSubject): Reply {
  const { ok, why } = subject.ready()
  return ok ? text('LIVE') : text(why, 503)
}

function serverInfo(subject: AdminSubject, clock: Clock): unknown {
  const { id, version, configVersion, startedAt, workers, pid } = subject.info()
  const { ok, why } = subject.ready()
  return {
    id,
    version,
    state: ok ? 'LIVE' : 'NOT_READY',
    why: ok ? '' : why,
    config_version: configVersion,
    started_at: new Date(startedAt).toISOString(),
    uptime_seconds: Math.max(0, Math.floor((clock.wall() - startedAt) / 1000)),
    workers,
    pid,
    log_level: subject.logLevel,
    log_levels: LOG_LEVELS,
  }
}

function setLevel(subject: AdminSubject, asked: string | null): Reply {
  const level = LOG_LEVELS.find((one) => one === asked)
  const known = LOG_LEVELS.join(', ')
  if (asked === null) return text(`say which level: /logging?level=LEVEL; known: ${known}`, 400)
  if (level === undefined) return text(`no log level "${asked}"; known: ${known}`, 400)
  subject.logLevel = level
  return text(`level: ${level}`)
}
