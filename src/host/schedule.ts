import { Cron } from 'croner'
import { timeSpanMs } from './settings.ts'

/** When a timer function runs. */
export interface Schedule {
  readonly text: string
  readonly adjustForDst: boolean
  nextMs(afterMs: number): number | undefined
}

const operators = /^[\d*,/-]+$/
const months = /\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b/gi
const weekdays = /\b(sun|mon|tue|wed|thu|fri|sat)[a-z]*\b/gi

/** Six fields (five: without seconds) or a .NET time span. Day and day of week must both match. */
export function parseSchedule(text: string, timeZone: string | undefined): Schedule {
  const intervalMs = timeSpanMs(text)
  if (intervalMs !== undefined) {
    if (intervalMs <= 0) throw new Error(`The schedule "${text}" is no interval above zero.`)
    return { text, adjustForDst: false, nextMs: (afterMs) => afterMs + intervalMs }
  }
  const fields = text.trim().split(/\s+/)
  const [month = '', week = ''] = fields.slice(-2)
  const plain = [...fields.slice(0, -2), month.replace(months, '1'), week.replace(weekdays, '1')]
  if ((fields.length !== 5 && fields.length !== 6) || !plain.every((field) => operators.test(field))) {
    throw new Error(
      `The schedule "${text}" is neither {second} {minute} {hour} {day} {month} {day-of-week} nor a time span.`,
    )
  }
  if (/(^|[,-])[7-9]/.test(week)) {
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
