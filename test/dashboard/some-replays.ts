import type { Backtest, Shadow } from '../../src/messages/replay-document.ts'

const day = (date: number, hot: readonly string[], moves: number) => ({
  ...{ end: `2026-03-0${date}T12:00:00.000Z`, hot, moves },
  verdict: moves > 0 ? 'rebalance' : 'none',
})

export const SOME_BACKTEST: readonly Backtest[] = [
  {
    ...{ policy: 'no moves', pages: 2, pagesAvoided: 0, moves: 0, minutesOver: 310, nodeHours: 0 },
    days: [day(1, ['weu-a'], 0), day(2, ['weu-a'], 0)],
  },
  {
    ...{ policy: 'next.json', pages: 1, pagesAvoided: 1, moves: 3, minutesOver: 40, nodeHours: 12 },
    days: [day(1, ['weu-a'], 3)],
  },
]

const moves = [{ registry: 'contoso01', from: 'weu-a', to: 'weu-b' }]

export const SOME_SHADOW: Shadow = {
  proposals: [
    { at: '2026-03-01T12:00:00.000Z', hot: ['weu-a'], verdict: 'rebalance', reason: 'weu-a is hot', moves },
  ],
  moves: [
    {
      ...{ at: '2026-03-02T09:00:00.000Z', moves, problem: null },
      pools: [
        {
          ...{ stamp: 'weu-b', pool: 'dataproxy', actual: 51.2, inBand: false },
          predicted: { hotNodeP95: 44, low: 42.5, high: 46 },
        },
      ],
    },
    { at: '2026-03-03T09:00:00.000Z', moves, pools: [], problem: 'made after the end of the data' },
  ],
}

export const REPLAY_FILES = [
  fileOf('backtest.json', JSON.stringify(SOME_BACKTEST)),
  fileOf('shadow.json', JSON.stringify(SOME_SHADOW)),
]

export function fileOf(name: string, text: string) {
  return { name, mimeType: 'application/json', buffer: Buffer.from(text) }
}
