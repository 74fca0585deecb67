import { basename } from 'node:path'
import { Command } from 'commander'
import { z } from 'zod'
import { readPolicy } from '../adapters/files/read-policy.ts'
import { DEFAULT_POLICY, type Policy, policyFor } from '../domain/policy.ts'
import type { RegionData } from '../domain/region-data.ts'
import { type ReplayedDay, replay } from '../domain/replay.ts'
import type { Backtest } from '../messages/replay-document.ts'
import { CliError } from './cli-error.ts'
import { moment } from './figures.ts'
import { type CliIo, EXIT, printJson } from './io.ts'
import { readRegion } from './region-files.ts'
import { parsedOptions, RegionOptions, withRegionOptions } from './region-options.ts'
import { table } from './table.ts'

const DAY_MS = 86_400_000
/** Both evaluations of the first day need so much telemetry before its end. */
const WARM_UP_MS = 2 * DAY_MS
const POLICIES_MAX = 8
const Options = RegionOptions.extend({ policy: z.array(z.string()).max(POLICIES_MAX).default([]) })

/** `restamp backtest`: what policies would have done over weeks of recorded telemetry, side by side. */
export function createBacktestCommand(io: CliIo): Command {
  const more = (value: string, before: string[] = []) => [...before, value]
  const command = new Command('backtest')
    .summary('what policies would have done over weeks of recorded telemetry')
    .description(
      'Goes through recorded telemetry day by day under each policy, each plan made from what was known by then and its moves\ntaken as made at once, beside a replay without any move. A page is a stamp that is hot at the end of a day.',
    )
    .option('--policy <file>', 'policy.json; give it once for each policy (default: the built-in one)', more)
    .addHelpText(
      'after',
      '\nExamples:\n  restamp backtest --fleet fleet.json --cpu cpu.csv.gz --load load.csv.gz --policy now.json --policy next.json',
    )
  return withRegionOptions(command).action(async (given: unknown) => {
    const options = parsedOptions(Options, given)
    const { data } = await readRegion(io, { ...options, policy: undefined }, { cpu: 'all' })
    const policies = await named(options.policy, data.region)
    const fromMs = firstEnd(data)
    const calm = (policy: Policy) => replay(data, { policy, fromMs, toMs: data.nowMs, how: 'watches' })
    const results = policies.map(({ name, policy }): Backtest => {
      const before = calm(policy)
      const days = replay(data, { policy, fromMs, toMs: data.nowMs, how: 'acts' })
      return backtestOf(name, days, before)
    })
    const [first] = policies
    const without = first ? [backtestOf('no moves', calm(first.policy).map(withoutPlan), [])] : []
    if (options.json) printJson(io, [...without, ...results])
    else io.out(show([...without, ...results]))
  })
}

async function named(paths: readonly string[], region: string): Promise<{ name: string; policy: Policy }[]> {
  if (paths.length === 0) return [{ name: 'built-in', policy: DEFAULT_POLICY }]
  return Promise.all(
    paths.map(async (path) => ({ name: basename(path), policy: policyFor(region, await readPolicy(path)) })),
  )
}

/** The end of the first day that can be judged: whole days before the end of the data. */
export function firstEnd({ cpu, nowMs }: RegionData): number {
  const firstMs = cpu.reduce(
    (least, { samples }) => samples.timesMs.reduce((first, atMs) => Math.min(first, atMs), least),
    nowMs,
  )
  const days = Math.floor((nowMs - firstMs - WARM_UP_MS) / DAY_MS)
  if (days < 0) {
    throw new CliError(
      `the CPU file begins at ${moment(firstMs)}; at least two days before its end are needed`,
      EXIT.usage,
    )
  }
  return nowMs - days * DAY_MS
}

function withoutPlan(day: ReplayedDay): ReplayedDay {
  return { ...day, plan: { ...day.plan, verdict: 'none', moves: [] } }
}

function backtestOf(policy: string, days: readonly ReplayedDay[], before: readonly ReplayedDay[]): Backtest {
  const pages = (of: readonly ReplayedDay[]) => of.reduce((sum, { hot }) => sum + hot.length, 0)
  const sum = (figure: (day: ReplayedDay) => number) => days.reduce((all, day) => all + figure(day), 0)
  return {
    policy,
    pages: pages(days),
    pagesAvoided: before.length === 0 ? 0 : pages(before) - pages(days),
    moves: sum(({ plan }) => plan.moves.length),
    minutesOver: sum((day) => day.minutesOver),
    nodeHours: sum((day) => day.nodeHours),
    days: days.map(({ endMs, hot, plan }) => ({
      end: new Date(endMs).toISOString(),
      hot,
      verdict: plan.verdict,
      moves: plan.moves.length,
    })),
  }
}

function show(results: readonly Backtest[]): string {
  const rows = results.map((one) => [
    one.policy,
    String(one.days.length),
    String(one.pages),
    String(one.pagesAvoided),
    String(one.moves),
    one.minutesOver.toFixed(0),
    one.nodeHours.toFixed(0),
  ])
  const titles = ['policy', '>days', '>pages', '>not fired', '>moves', '>minutes over', '>node-hours added']
  return table(titles, rows)
}
