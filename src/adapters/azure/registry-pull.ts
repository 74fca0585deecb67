import { request } from 'node:https'
import type { ReplicaId } from '../../domain/ids.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Traffic } from '../../ports/traffic.ts'
import type { AzureMap } from './azure-map.ts'
import type { AzureStamps } from './azure-stamps.ts'
import type { NameServers } from './name-servers.ts'
import { filled, isSame } from './profile-names.ts'

const PULL_MS_MAX = 10_000

/** A request that names one host and goes to another: through one stamp, whatever DNS says. */
export interface PullRequest {
  readonly connectTo: string
  /** What TLS and HTTP ask for. */
  readonly host: string
  readonly path: string
  readonly timeoutMs: number
}

export interface PullAnswer {
  readonly status: number
  /** The `WWW-Authenticate` header; null where there is none. */
  readonly challenge: string | null
}

/** Undefined where no answer came in time, or none from whom it was asked. */
export type PullThrough = (asked: PullRequest) => Promise<PullAnswer | undefined>

/** By HTTPS: the certificate has to be that of `host`. */
export function createHttpsPull(tls: { readonly ca?: string; readonly port?: number } = {}): PullThrough {
  return ({ connectTo, host, path, timeoutMs }) =>
    new Promise((resolve) => {
      const signal = AbortSignal.timeout(timeoutMs)
      const headers = { host, accept: 'application/json' }
      // A connection of its own: one that is kept would not show whether new ones get through.
      const sent = request(
        { host: connectTo, servername: host, path, headers, signal, agent: false, ...tls },
        (answer) => {
          answer.resume()
          resolve({ status: answer.statusCode ?? 0, challenge: answer.headers['www-authenticate'] ?? null })
        },
      )
      sent.on('error', () => resolve(undefined))
      sent.end()
    })
}

/** How a pull is made. Without `names` it is not asked where DNS leads. */
export interface PullParts {
  readonly map: Pick<AzureMap, 'routing'>
  readonly stamps: AzureStamps
  readonly through: PullThrough
  readonly names: NameServers | undefined
  readonly fqdn: (replica: ReplicaId) => Promise<string>
  readonly clock: Clock
}

/**
 * A synthetic pull through one stamp, as a registry's client begins it: an answer, or the challenge to sign in, is a pull that
 * works. It also asks the profile's name servers whether they lead there, since a pull that DNS leads elsewhere is nobody's.
 */
export function createRegistryPull(parts: PullParts): Traffic['pull'] {
  const { map, stamps, through, clock } = parts
  return async (replica, stamp) => {
    const connectTo = (await stamps.find(stamp))?.host
    if (connectTo === undefined) return { ok: false, latencyMs: 0 }
    const startMs = clock.nowMs()
    const host = filled(map.routing.endpoint, replica)
    const answer = await through({ connectTo, host, path: map.routing.pullPath, timeoutMs: PULL_MS_MAX })
    const latencyMs = clock.nowMs() - startMs
    return { ok: isAlive(answer) && (await isLed(parts, replica, connectTo)), latencyMs }
  }
}

function isAlive(answer: PullAnswer | undefined): boolean {
  if (!answer) return false
  const { status, challenge } = answer
  return (status >= 200 && status < 300) || (status === 401 && /^(bearer|basic)\b/i.test(challenge ?? ''))
}

async function isLed({ names, fqdn }: PullParts, replica: ReplicaId, host: string): Promise<boolean> {
  if (!names) return true
  const led = await names.cname(await fqdn(replica))
  return led.some((name) => isSame(name, host))
}
