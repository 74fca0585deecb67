import { CosmosClient } from '@azure/cosmos'
import { DefaultAzureCredential, ManagedIdentityCredential, type TokenCredential } from '@azure/identity'
import { BlobServiceClient } from '@azure/storage-blob'
import { createAzureAdapters } from './adapters/azure/azure-adapters.ts'
import { createAzureChecks } from './adapters/azure/azure-checks.ts'
import type { AzureMap } from './adapters/azure/azure-map.ts'
import { type Callout, createCallout } from './adapters/callout/callout.ts'
import { createCalloutCheck } from './adapters/callout/callout-check.ts'
import { offeredParts } from './adapters/callout/offered-parts.ts'
import { everyCheck } from './ports/checks.ts'
import type { Clock } from './ports/clock.ts'
import type { LateParts } from './ports/late-ports.ts'
import type { AzureSettings } from './settings.ts'

export interface AzurePlace {
  readonly settings: AzureSettings
  readonly map: AzureMap
  /** The template of isolation stamps; null where none are made. */
  readonly template: object | null
  readonly clock: Clock
  readonly note: (words: string, about: object) => void
}

/**
 * Opens all that lies behind the ports on Azure, under the app's own identities and without any key. What an operator's control
 * plane offers comes from there instead.
 */
export async function openAzure({ settings, map, template, clock, note }: AzurePlace): Promise<LateParts> {
  const credential = identityOf(settings.AZURE_CLIENT_ID)
  const { COSMOS_ENDPOINT: endpoint, COSMOS_DATABASE } = settings
  const database = new CosmosClient({ endpoint, aadCredentials: credential }).database(COSMOS_DATABASE)
  const blobs = new BlobServiceClient(settings.BLOB_ENDPOINT, credential)
  const parts = {
    ...{ map, clock, credential, note },
    containers: {
      ...{ records: database.container('records'), audit: database.container('audit') },
      ...{ bindings: database.container('bindings'), fleet: database.container('fleet') },
    },
    blobs: {
      anchors: blobs.getContainerClient('anchors'),
      payloads: blobs.getContainerClient('payloads'),
    },
    provisioning: template && { credential: identityOf(settings.PROVISION_CLIENT_ID), template },
  }
  const callout = calloutOf(settings, credential, clock)
  const placed = createAzureAdapters({ ...parts, elsewhere: callout ? await offeredParts(callout) : {} })
  const checks = [createAzureChecks({ ...parts, ports: placed.ports })]
  return { ...placed, checks: everyCheck(callout ? [...checks, createCalloutCheck(callout)] : checks) }
}

/** The identity of this name; on somebody's machine, where none is named, whoever is signed in there. */
function identityOf(clientId: string | undefined): TokenCredential {
  return clientId ? new ManagedIdentityCredential({ clientId }) : new DefaultAzureCredential()
}

function calloutOf(
  {
    RESTAMP_CALLOUT_URL: baseUrl,
    RESTAMP_CALLOUT_SECRET: secret,
    RESTAMP_CALLOUT_AUDIENCE: audience = '',
  }: AzureSettings,
  credential: TokenCredential,
  clock: Clock,
): Callout | undefined {
  if (!baseUrl) return undefined
  const bearer = {
    kind: 'bearer',
    credential: { getToken: (scope: string) => credential.getToken(scope) },
    scope: `${audience}/.default`,
  } as const
  return createCallout({ baseUrl, clock, auth: secret ? { kind: 'hmac', secret } : bearer })
}
