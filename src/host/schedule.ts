import { Cron } from 'croner'
import { timeSpanMs } from './settings.ts'

/** When a timer function runs. */
export interface Schedule {
  readonly text: string
  readonly adjustForDst: boolean
  nextMs(afterMs: number): number | undefined
}

const field = /^[\dA-Za-z*,/-]+$/

/** Six fields (five: without seconds) or a .NET time span. Day and day of week must both match. */
export function parseSchedule(text: string, timeZone: string | undefined): Schedule {
  const intervalMs = timeSpanMs(text)
  if (intervalMs !== undefined) {
    if (intervalMs <= 0) throw new Error(`The schedule "${text}" is no interval above zero.`)
    return { text, adjustForDst: false, nextMs: (afterMs) => afterMs + intervalMs }
  }
  const fields = text.trim().split(/\s+/)
  if ((fields.length !== 5 && fields.length !== 6) || !fields.every((part) => field.test(part))) {
    throw new Error(
      `The schedule "${text}" is neither {second} {minute} {hour} {day} {month} {day-of-week} nor a time span.`,
    )
  }
  const week = fields.at(-1) ?? '*'
  if (/L/i.test(week.replace(/[a-z]{3,}/gi, '')) || /(^|[,-])[7-9]/.test(week)) {
    throw new Error(
      `The schedule "${text}" has the day of week "${week}"; expected 0 (Sunday) to 6 or SUN to SAT.`,
    )
  }
  const pattern = fields.length === 5 ? `0 ${fields.join(' ')}` : fields.join(' ')
  const cron = new Cron(pattern, {
    domAndDow: true,
    mode: '6-part',
    paused: true,
    ...(timeZone ? { timezone: timeZone } : {}),
  })
  return { text, adjustForDst: true, nextMs: (afterMs) => cron.nextRun(new Date(afterMs))?.getTime() }
}
