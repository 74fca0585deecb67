import { z } from 'zod'
import { instantOf } from '../adapters/files/field-values.ts'
import { instantOfLocal, isZone } from '../domain/zone.ts'
import { CliError } from './cli-error.ts'
import { EXIT } from './io.ts'

const LOOK_BACK_HOURS = 24
const HOURS_MAX = 24 * 366 * 10
const BIN_SECONDS_MAX = 86_400

const Decimal = z
  .string()
  .regex(/^\d+(\.\d+)?$/, 'expected a number')
  .transform(Number)
const Options = z.object({
  start: z
    .string()
    .refine((text) => Number.isFinite(instantOf(text)), 'expected a time such as 2019-01-15T08:00:00Z')
    .optional(),
  zone: z.string().refine(isZone, 'expected a time zone such as Europe/Amsterdam').optional(),
  hours: Decimal.pipe(z.number().positive().max(HOURS_MAX)),
  bin: Decimal.pipe(z.int('expected whole seconds').min(1).max(BIN_SECONDS_MAX)),
  pool: z.string().optional(),
  nodeColumn: z.string().min(1).optional(),
  valueColumn: z.string().min(1).optional(),
  nodePrefix: z.string().optional(),
  nodes: z
    .string()
    .transform((names) => names.split(',').filter((name) => name !== ''))
    .pipe(z.array(z.string()).min(1, 'expected names with commas between them'))
    .optional(),
  percentile: Decimal.pipe(z.number().max(100)),
  minCoverage: Decimal.pipe(z.number().max(1)),
  failOn: z.literal('hot', 'expected hot').optional(),
  json: z.boolean().default(false),
})

export type SignalOptions = Omit<z.infer<typeof Options>, 'bin' | 'start' | 'zone'> & {
  readonly binMs: number
  readonly lengthMs: number
  /** Null where the peak window is to be found. */
  readonly startMs: number | null
}

/** The options of `restamp signals`, checked against each other too (R2). Throws `CliError`. */
export function signalOptions(given: unknown): SignalOptions {
  const parsed = Options.safeParse(given)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw usage(`--${dashed(String(issue?.path[0]))}: ${issue?.message ?? 'not understood'}`)
  }
  const { bin, start: startText, zone, ...rest } = parsed.data
  const start = startOf(startText, zone)
  const binMs = bin * 1000
  const lengthMs = Math.round(rest.hours * 3_600_000)
  if (lengthMs < binMs || lengthMs % binMs !== 0) {
    throw usage(`--hours ${rest.hours} is no multiple of the bin of ${bin} s; pick another length or --bin`)
  }
  if (start === undefined && rest.hours > LOOK_BACK_HOURS) {
    throw usage(
      `--hours ${rest.hours}: a peak window is found within the last ${LOOK_BACK_HOURS} h; give its --start`,
    )
  }
  if (start !== undefined && start % binMs !== 0) {
    const before = new Date(Math.floor(start / binMs) * binMs).toISOString()
    throw usage(`--start is no multiple of the bin of ${bin} s; the last bin before it starts at ${before}`)
  }
  return { ...rest, binMs, lengthMs, startMs: start ?? null }
}

/** The window's start: one without `Z` or an offset is the zone's local time where a zone is given, else UTC. */
function startOf(text: string | undefined, zone: string | undefined): number | undefined {
  if (text === undefined) {
    if (zone !== undefined) throw usage('--zone says where --start is local time; give a --start too')
    return undefined
  }
  const atMs = instantOf(text)
  if (zone === undefined) return atMs
  if (instantOf(`${text.trim()}Z`) !== atMs) {
    throw usage(`--start ${text} has a zone of its own; leave that or --zone out`)
  }
  return instantOfLocal(atMs, zone)
}

function usage(message: string): CliError {
  return new CliError(message, EXIT.usage)
}

function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
