import { type Choice, movesOf } from './goals.ts'
import { type Blocked, listed } from './movable.ts'
import { percent } from './pool-judgement.ts'
import { byId } from './region-data.ts'
import type { Candidate, SearchSpace } from './search-space.ts'

/** So many other stamps are named each with its figure; the rest of a large region is named together. */
const STAMPS_MAX = 4

interface Planned {
  readonly space: SearchSpace
  readonly choices: readonly Choice[]
  readonly closed: readonly Blocked[]
}

/** For each registry that moves: why not the runner-up in its place, and why not each other stamp. */
export function whyNotOf(planned: Planned): ReadonlyMap<string, readonly string[]> {
  return new Map(
    planned.choices.map((choice) => [
      choice.candidate.registry,
      [...runnerUpWords(planned, choice), ...stampWords(planned, choice), ...closedWords(planned.closed)],
    ]),
  )
}

/** The heaviest replica of the same stamp that stays, put in this one's place. */
function runnerUpWords({ space, choices }: Planned, { candidate, to }: Choice): string[] {
  const moved = choices.map((choice) => choice.candidate)
  const runnerUp = space.candidates.find(
    (one) => one.homeStamp === candidate.homeStamp && !moved.includes(one),
  )
  if (!runnerUp) return []
  const swapped = choices.map((choice) =>
    choice.candidate === candidate ? { candidate: runnerUp, to } : choice,
  )
  const stamp = candidate.homeStamp
  const { worst } = space.forecastOf(stamp, movesOf(swapped))
  const there = space.forecastOf(to, movesOf(swapped)).worst
  return [
    `${runnerUp.registry} (${percent(runnerUp.hotShare * 100)} of the hot minutes): in place of ${candidate.registry} it would leave ${stamp} at ${percent(worst)} and ${to} at ${figure(there)}${weightWords(runnerUp, candidate)}`,
  ]
}

function weightWords(runnerUp: Candidate, candidate: Candidate): string {
  if (candidate.load <= 0) return ''
  const change = (runnerUp.load / candidate.load - 1) * 100
  return `, moving ${percent(Math.abs(change))} ${change > 0 ? 'more' : 'less'} load`
}

function stampWords({ space, choices }: Planned, { candidate, to }: Choice): string[] {
  const moves = movesOf(choices)
  const here = space.forecastOf(to, moves).worst
  const others = candidate.to
    .filter((stamp) => stamp !== to)
    .map((stamp) => ({ stamp, worst: space.forecastOf(stamp, moves).worst }))
    .toSorted((a, b) => a.worst - b.worst || byId(a.stamp, b.stamp))
  const rest = others.slice(STAMPS_MAX)
  return [
    ...others.slice(0, STAMPS_MAX).map(({ stamp }) => {
      const moved = choices.map((choice) =>
        choice.candidate === candidate ? { candidate, to: stamp } : choice,
      )
      const { worst } = space.forecastOf(stamp, movesOf(moved))
      return `${stamp}: with ${candidate.registry} it would show ${figure(worst)}, against ${figure(here)} on ${to}`
    }),
    ...(rest.length > 0
      ? [
          `${rest.map(({ stamp }) => stamp).join(', ')}: hotter than these already, at ${figure(rest[0]?.worst ?? 0)} or more`,
        ]
      : []),
  ]
}

/** Stamps that take nobody, those of one reason together. */
function closedWords(closed: readonly Blocked[]): string[] {
  const reasons = Map.groupBy(closed, ({ detail }) => detail)
  return [...reasons].map(([detail, stamps]) => `${listed(stamps.map(({ stamp }) => stamp))}: ${detail}`)
}

function figure(worst: number): string {
  return Number.isFinite(worst) ? percent(worst) : 'more than can be predicted'
}
