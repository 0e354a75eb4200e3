import { Agent, get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** What a probe saw. */
export interface Seen {
  /** How often an answer was of another length than the one before it. */
  readonly changes: number
  readonly failed: number
  readonly failures: Readonly<Record<string, number>>
}

/** Asks one request after the other until it is stopped, and notes when the answers change. */
export function watchAnswers(port: number): { stop(): Promise<Seen> } {
  const failures: Record<string, number> = {}
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  let stopped = false
  let changes = 0
  let failed = 0
  const watch = async (): Promise<void> => {
    for (let before = ''; !stopped; await sleep(1)) {
      const { length, failure } = await ask(port, agent)
      if (failure !== null) {
        failed++
        failures[`probe: ${failure}`] = (failures[`probe: ${failure}`] ?? 0) + 1
      } else {
        if (before !== '' && before !== length) changes++
        before = length
      }
    }
  }
  const watching = watch()
  return {
    async stop() {
      stopped = true
      await watching
      agent.destroy()
      return { changes, failed, failures }
    },
  }
}

interface Answer {
  readonly length: string
  readonly failure: string | null
}

function ask(port: number, agent: Agent): Promise<Answer> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, agent, timeout: 5000 }, (response) => {
      response.resume()
      response.on('end', () =>
        resolve({
          length: response.headers['content-length'] ?? 'none',
          failure: response.statusCode === 200 ? null : `status ${response.statusCode}`,
        }),
      )
    })
    request.on('timeout', () => request.destroy(new Error('timeout')))
    request.on('error', (error: NodeJS.ErrnoException) =>
      resolve({ length: '', failure: error.code ?? error.message }),
    )
  })
}
