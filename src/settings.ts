import { z } from 'zod'
import { ticketHookOf } from './adapters/callout/hmac-hook.ts'
import { webhookOf } from './adapters/callout/notify-settings.ts'
import { SettingRefused } from './adapters/callout/setting-refused.ts'
import type { Webhook } from './adapters/callout/webhook-notifications.ts'
import type { SignedHook } from './ports/signed-hook.ts'

const httpsUrl = z.url({ protocol: /^https$/, error: 'expected an address that begins with https://' })
const text = z.string({ error: 'is not set' }).min(1)
const guid = z.guid('expected an id such as 0ad04412-c4d5-4796-b79c-f76d14c8d402')

const TwinSettings = z.object({ RESTAMP_TWIN: text })

const AzureSettings = z.object({
  COSMOS_ENDPOINT: httpsUrl,
  COSMOS_DATABASE: text.default('restamp'),
  BLOB_ENDPOINT: httpsUrl,
  /** The path of the map from stamps to Azure, below the app's folder. */
  RESTAMP_MAP: text.default('azure-map.json'),
  RESTAMP_POLICY: text.optional(),
  /** The template that isolation stamps are made with; without it none are. */
  RESTAMP_STAMP_TEMPLATE: text.optional(),
  /** The identity that runs; on somebody's machine who is signed in there. */
  AZURE_CLIENT_ID: guid.optional(),
  /** The identity that makes and removes stamps. */
  PROVISION_CLIENT_ID: guid.optional(),
  /** An operator's own control plane; see docs/callout.md. */
  RESTAMP_CALLOUT_URL: httpsUrl.optional(),
  /** What both sign with; without it a token of Entra ID for the audience. */
  RESTAMP_CALLOUT_SECRET: text.min(16, 'expected at least 16 characters').optional(),
  RESTAMP_CALLOUT_AUDIENCE: text.optional(),
  WEBSITE_AUTH_ENABLED: z.string().optional(),
})

/** Where telemetry goes, as the platform names it. */
const TelemetrySettings = z.object({
  APPLICATIONINSIGHTS_CONNECTION_STRING: z
    .string()
    .regex(/(^|;)InstrumentationKey=/, 'expected a connection string with an InstrumentationKey')
    .optional(),
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: z
    .string()
    .regex(/(^|;)Authorization=AAD(;|$)/, 'expected ClientId=ID;Authorization=AAD')
    .optional(),
})

/** Where an SDK sends telemetry, and the identity that it does so as; undefined is who is signed in. */
export interface Telemetry {
  readonly connectionString: string
  readonly clientId: string | undefined
}

/** Over what the app runs on a Functions host: a simulated region beside it, or Azure. */
export type Place =
  | { readonly kind: 'twin'; readonly folder: string }
  | { readonly kind: 'azure'; readonly azure: AzureSettings }

export interface AppSettings {
  readonly place: Place
  /** Where people are told; undefined where no channel is named. */
  readonly webhook: Omit<Webhook, 'nowMs'> | undefined
  /** Knows messages about change tickets; undefined where no secret is set. */
  readonly ticketHook: SignedHook | undefined
  /** Undefined where nothing is sent. */
  readonly telemetry: Telemetry | undefined
}
export type AzureSettings = z.infer<typeof AzureSettings>

type Env = Readonly<Record<string, string | undefined>>

/**
 * Reads the settings of the process; empty ones count as not set. Throws `SettingRefused`, which names each setting with what is
 * expected, and never its value.
 */
export function appSettings(env: Env): AppSettings {
  const ticketHook = ticketHookOf(env, { nowMs: () => Date.now() })
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  return { place: placeOf(set), webhook: webhookOf(env), ticketHook, telemetry: telemetryOf(set) }
}

function telemetryOf(set: Env): Telemetry | undefined {
  const read = TelemetrySettings.safeParse(set)
  if (!read.success) throw refused(read.error)
  const {
    APPLICATIONINSIGHTS_CONNECTION_STRING: connectionString,
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: authentication,
  } = read.data
  if (!connectionString) return undefined
  return { connectionString, clientId: /ClientId=([^;]+)/.exec(authentication ?? '')?.[1] }
}

function placeOf(set: Env): Place {
  const twin = TwinSettings.safeParse(set)
  if (twin.success) return { kind: 'twin', folder: twin.data.RESTAMP_TWIN }
  if (set.COSMOS_ENDPOINT === undefined)
    throw new SettingRefused(
      'neither RESTAMP_TWIN nor COSMOS_ENDPOINT is set: expected a folder with fleet.json, node-cpu.csv.gz and replica-load.csv.gz, or the settings of docs/deploy.md',
    )
  const azure = AzureSettings.safeParse(set)
  if (!azure.success) throw refused(azure.error)
  return { kind: 'azure', azure: checked(azure.data) }
}

function refused({ issues }: z.ZodError): SettingRefused {
  const words = issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  return new SettingRefused(`settings can't be used; ${words.join('; ')}`)
}

function checked(settings: AzureSettings): AzureSettings {
  const {
    RESTAMP_CALLOUT_URL: url,
    RESTAMP_CALLOUT_SECRET: secret,
    RESTAMP_CALLOUT_AUDIENCE: audience,
  } = settings
  if (url && !secret && !audience)
    throw new SettingRefused(
      'RESTAMP_CALLOUT_URL is set without RESTAMP_CALLOUT_SECRET or RESTAMP_CALLOUT_AUDIENCE; set one of the two',
    )
  if (settings.RESTAMP_STAMP_TEMPLATE && !settings.PROVISION_CLIENT_ID && settings.AZURE_CLIENT_ID)
    throw new SettingRefused(
      'RESTAMP_STAMP_TEMPLATE is set without PROVISION_CLIENT_ID: stamps are made by an identity of their own',
    )
  return settings
}
