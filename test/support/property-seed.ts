import fc from 'fast-check'

/** One seed for all property tests, so that a run can be repeated; another explores elsewhere. */
fc.configureGlobal({ seed: Number(process.env.RESTAMP_PROPERTY_SEED ?? 1) })
