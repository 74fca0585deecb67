import { z } from 'zod'
import type { MessageFormat } from './message-formats.ts'
import type { Webhook } from './webhook-notifications.ts'

const FORMATS = ['generic', 'teams', 'slack'] as const satisfies readonly MessageFormat[]
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]'])

/** A setting that can't be used; names it, and never its value, which may be a secret. */
export class SettingRefused extends Error {
  override readonly name = 'SettingRefused'
}

type Env = Readonly<Record<string, string | undefined>>

/**
 * The channel that settings name: `RESTAMP_NOTIFY_URL`, `RESTAMP_NOTIFY_FORMAT` (generic, teams or slack) and
 * `RESTAMP_NOTIFY_SECRET`, which signs; undefined without a URL. Throws `SettingRefused`.
 */
export function webhookOf(env: Env): Omit<Webhook, 'nowMs'> | undefined {
  const text = env.RESTAMP_NOTIFY_URL
  if (!text) return undefined
  const format = z.enum(FORMATS).safeParse(env.RESTAMP_NOTIFY_FORMAT ?? 'generic')
  if (!format.success)
    throw new SettingRefused(`RESTAMP_NOTIFY_FORMAT is none of ${FORMATS.join(', ')}; set one of these`)
  return { url: safeUrl(text), format: format.data, secret: env.RESTAMP_NOTIFY_SECRET || null }
}

function safeUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url)
    throw new SettingRefused(
      'RESTAMP_NOTIFY_URL is no URL; expected one such as https://hooks.example.com/...',
    )
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname))
  if (!isSafe)
    throw new SettingRefused('RESTAMP_NOTIFY_URL must begin with https:// (http:// only on this machine)')
  return text
}
