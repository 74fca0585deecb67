import { setTimeout as sleep } from 'node:timers/promises'
import type { Capacity } from '../../ports/capacity.ts'
import type { Catalog } from '../../ports/catalog.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Interlocks } from '../../ports/interlocks.ts'
import type { Provisioning } from '../../ports/provisioning.ts'
import type { Traffic } from '../../ports/traffic.ts'
import { type CalloutAuth, checkAuth } from './callout-auth.ts'
import { CalloutCapacity } from './callout-capacity.ts'
import { CalloutCatalog } from './callout-catalog.ts'
import { CalloutClient } from './callout-client.ts'
import { CalloutInterlocks } from './callout-interlocks.ts'
import { OPERATIONS } from './callout-operations.ts'
import { CalloutProvisioning } from './callout-provisioning.ts'
import type { CalloutPlace } from './callout-request.ts'
import type { Capabilities } from './callout-shapes.ts'
import { CalloutTraffic } from './callout-traffic.ts'
import { safeUrl } from './safe-url.ts'
import { SettingRefused } from './setting-refused.ts'

const ANSWER_MS_MAX = 30_000

export interface CalloutSettings {
  readonly baseUrl: string
  readonly auth: CalloutAuth
  /** Dates the signatures: the real time, whatever time a simulation has. */
  readonly clock: Clock
  readonly fetch?: typeof fetch
  readonly pause?: (ms: number) => Promise<void>
  readonly answerMsMax?: number
}

/** The ports of one control plane. Which of them it stands behind is told by `capabilities`. */
export interface Callout {
  readonly catalog: Catalog
  readonly traffic: Traffic
  readonly capacity: Capacity
  readonly provisioning: Provisioning
  readonly interlocks: Interlocks
  capabilities(): Promise<Capabilities>
}

/** The ports over an operator's own control plane; the contract is docs/callout.md. Throws `SettingRefused`. */
export function createCallout(settings: CalloutSettings): Callout {
  const client = new CalloutClient(placeOf(settings))
  return {
    catalog: new CalloutCatalog(client),
    traffic: new CalloutTraffic(client),
    capacity: new CalloutCapacity(client),
    provisioning: new CalloutProvisioning(client),
    interlocks: new CalloutInterlocks(client),
    capabilities: () => client.read(OPERATIONS.capabilities, {}),
  }
}

/** Where settings lead. Throws `SettingRefused`. */
export function placeOf(settings: CalloutSettings): CalloutPlace {
  const { auth, clock, pause, answerMsMax = ANSWER_MS_MAX } = settings
  checkAuth(auth)
  const url = new URL(safeUrl('the base URL of the callout', settings.baseUrl))
  if (url.search || url.hash || url.username || url.password)
    throw new SettingRefused('the base URL of the callout has a query, a fragment or a user; leave these out')
  return {
    baseUrl: url.href.replace(/\/+$/, ''),
    auth,
    nowMs: () => clock.nowMs(),
    fetch: settings.fetch ?? fetch,
    pause: pause ?? sleep,
    answerMsMax,
  }
}
