/** A record that must be there isn't: nothing may be decided without it. */
export class RecordMissing extends Error {
  override readonly name = 'RecordMissing'
}

/** A record changed under every attempt to write it; a retry may find it quiet. */
export class RecordBusy extends Error {
  override readonly name = 'RecordBusy'
}
