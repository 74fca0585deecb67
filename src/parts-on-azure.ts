import { join } from 'node:path'
import { z } from 'zod'
import { AzureMap, EmptyMap } from './adapters/azure/azure-map.ts'
import { EasyAuthIdentity } from './adapters/azure/easy-auth.ts'
import { LATE_MS } from './adapters/azure/telemetry-lateness.ts'
import { readJson } from './adapters/files/json-file.ts'
import { readPolicy } from './adapters/files/read-policy.ts'
import { LogNotifications } from './adapters/local/log-notifications.ts'
import type { PlacedParts } from './parts-on-twin.ts'
import { type LateParts, lateParts } from './ports/late-ports.ts'
import type { Fields, Log } from './ports/log.ts'
import type { AzureSettings } from './settings.ts'

/**
 * The app on Azure. Settings, map and policy are read at once, so that what is wrong with them is told at start; the SDKs are
 * loaded when a port is first asked something, since a cold start waits for nothing else.
 */
export async function partsOnAzure(
  settings: AzureSettings,
  { folder, log }: { readonly folder: string; readonly log: Log },
): Promise<PlacedParts> {
  const note = (words: string, about: object) => log('warning', words, fieldsIn(about))
  const { RESTAMP_MAP, RESTAMP_POLICY, RESTAMP_STAMP_TEMPLATE } = settings
  const map = await readJson(join(folder, RESTAMP_MAP), z.union([AzureMap, EmptyMap]))
  const policies = RESTAMP_POLICY ? await readPolicy(join(folder, RESTAMP_POLICY)) : {}
  const template = RESTAMP_STAMP_TEMPLATE
    ? await readJson(join(folder, RESTAMP_STAMP_TEMPLATE), z.looseObject({}))
    : null
  const clock = { nowMs: () => Date.now() }
  const { ports, provisioning, anchors, checks } = lateParts(
    async (): Promise<LateParts> => {
      if (map.routing === null)
        throw new Error(
          `${RESTAMP_MAP} names no stamps yet; fill it as docs/deploy.md tells and deploy again`,
        )
      const { openAzure } = await import('./open-azure.ts')
      return openAzure({ settings, map, template, clock, note })
    },
    { lateMs: LATE_MS },
  )
  return {
    ports: { ...ports, clock },
    identity: new EasyAuthIdentity(settings.WEBSITE_AUTH_ENABLED === 'True'),
    ...{ policies, provisioning, anchors, checks },
    notifications: new LogNotifications(note),
  }
}

/** What can be a field of a log's entry; lists and the like are left out. */
function fieldsIn(about: object): Fields {
  return Object.fromEntries(
    Object.entries(about).filter(([, value]) => /^(string|number|boolean)$/.test(typeof value)),
  )
}
