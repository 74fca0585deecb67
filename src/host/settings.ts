export type Settings = Readonly<Record<string, string>>

/** A .NET time span, `[d.]hh:mm:ss[.fff]`, in ms. `24:00:00` is read as 24 days, as .NET does for hours beyond 23. */
export function timeSpanMs(text: string): number | undefined {
  const match = /^(-)?(?:(\d+)\.)?(\d+):(\d{1,2}):(\d{1,2})(?:\.(\d{1,7}))?$/.exec(text.trim())
  if (!match) return undefined
  const [, minus, days = '0', first = '0', minutes = '0', seconds = '0', fraction = ''] = match
  const overflow = Number(first) > 23 && match[2] === undefined
  const day = overflow ? Number(first) : Number(days)
  const hour = overflow ? Number(minutes) : Number(first)
  const minute = overflow ? Number(seconds) : Number(minutes)
  const second = overflow ? 0 : Number(seconds)
  const ms = (((day * 24 + hour) * 60 + minute) * 60 + second) * 1000 + Number(`0.${fraction || '0'}`) * 1000
  return minus ? -ms : ms
}

/** Milliseconds as .NET writes a time span: `[d.]hh:mm:ss[.fffffff]`. */
export function timeSpanText(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const days = Math.floor(seconds / 86_400)
  const two = (value: number) => String(value).padStart(2, '0')
  const time = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60]
  const fraction = ms % 1000 ? `.${String(Math.round(ms % 1000)).padStart(3, '0')}0000` : ''
  return `${days ? `${days}.` : ''}${time.map(two).join(':')}${fraction}`
}

/** Puts the values of settings in place of `%NAME%`. */
export function filled(text: string, settings: Settings): string {
  return text.replace(/%([^%]+)%/g, (_whole, name: string) => {
    const value = settingNamed(settings, name)
    if (value === undefined)
      throw new Error(`Setting "${name}", named in "${text}", is not set. Add it to local.settings.json.`)
    return value
  })
}

/** Setting names ignore case. */
export function settingNamed(settings: Settings, name: string): string | undefined {
  return settings[name] ?? inLowerCase(settings).get(name.toLowerCase())
}

/** Made once for each set of settings: a host looks some hundred names up while it starts. */
const lowered = new WeakMap<Settings, ReadonlyMap<string, string>>()

function inLowerCase(settings: Settings): ReadonlyMap<string, string> {
  const known = lowered.get(settings)
  if (known) return known
  // Of names that differ in case only the first one counts, so it is put in last.
  const made = new Map(
    Object.entries(settings)
      .toReversed()
      .map(([name, value]) => [name.toLowerCase(), value]),
  )
  lowered.set(settings, made)
  return made
}
