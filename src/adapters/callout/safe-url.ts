import { SettingRefused } from './setting-refused.ts'

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]'])

/** A URL that may carry secrets: TLS, or this machine. Throws `SettingRefused`, which names the setting and never its value. */
export function safeUrl(setting: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url)
    throw new SettingRefused(`${setting} is no URL; expected one such as https://hooks.example.com/...`)
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname))
  if (!isSafe) throw new SettingRefused(`${setting} must begin with https:// (http:// only on this machine)`)
  return text
}
