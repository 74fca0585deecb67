/** One thing that Restamp depends on, as it was found. */
export interface Checked {
  readonly check: string
  /** `unknown`: it could not be told here, which is not that it holds. */
  readonly outcome: 'holds' | 'fix' | 'unknown'
  readonly found: string
  /** What to do about it; null where nothing is to be done. */
  readonly todo: string | null
}

/** Looks at all that Restamp depends on, reading only. Never throws: what fails is a finding. */
export interface Checks {
  run(): Promise<readonly Checked[]>
}

/** Over a simulated region there is nothing outside. */
export const NOTHING_OUTSIDE: Checks = {
  run: async () => [
    { check: 'place', outcome: 'holds', found: 'a simulated region: nothing outside is asked', todo: null },
  ],
}

/** All that several look at. */
export function everyCheck(checks: readonly Checks[]): Checks {
  return { run: async () => (await Promise.all(checks.map((each) => each.run()))).flat() }
}
