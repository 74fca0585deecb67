import { z } from 'zod'
import type { MessageFormat } from './message-formats.ts'
import { safeUrl } from './safe-url.ts'
import { SettingRefused } from './setting-refused.ts'
import type { Webhook } from './webhook-notifications.ts'

const FORMATS = ['generic', 'teams', 'slack'] as const satisfies readonly MessageFormat[]

type Env = Readonly<Record<string, string | undefined>>

/**
 * The channel that settings name: `RESTAMP_NOTIFY_URL`, `RESTAMP_NOTIFY_FORMAT` (generic, teams or slack) and
 * `RESTAMP_NOTIFY_SECRET`, which signs; undefined without a URL. Links lead to `RESTAMP_PAGE_URL`, or to where App Service says that
 * the app is (`WEBSITE_HOSTNAME`). Throws `SettingRefused`.
 */
export function webhookOf(env: Env): Omit<Webhook, 'nowMs'> | undefined {
  const text = env.RESTAMP_NOTIFY_URL
  if (!text) return undefined
  const format = z.enum(FORMATS).safeParse(env.RESTAMP_NOTIFY_FORMAT ?? 'generic')
  if (!format.success)
    throw new SettingRefused(`RESTAMP_NOTIFY_FORMAT is none of ${FORMATS.join(', ')}; set one of these`)
  return {
    url: safeUrl('RESTAMP_NOTIFY_URL', text),
    format: format.data,
    secret: env.RESTAMP_NOTIFY_SECRET || null,
    pageUrl: pageUrlOf(env),
  }
}

function pageUrlOf({ RESTAMP_PAGE_URL: given, WEBSITE_HOSTNAME: host }: Env): string | null {
  if (given) return safeUrl('RESTAMP_PAGE_URL', given)
  return host ? `https://${host}/dashboard/` : null
}
