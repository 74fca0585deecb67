import type { Collection, RecordOf } from '../../src/ports/records.ts'

/** One thing that happened to the modelled world: an effect on the region, or a document that was written. */
export type Entry =
  | {
      readonly kind: 'rebind'
      readonly replica: string
      readonly from: string
      readonly to: string
      readonly epoch: number
      readonly moveKey: string
    }
  | { readonly kind: 'route'; readonly replica: string; readonly to: string; readonly moveKey: string }
  | { readonly kind: 'minimum'; readonly stamp: string; readonly minNodes: number }
  | { readonly kind: 'warm'; readonly replica: string; readonly stamp: string }
  | { readonly kind: 'write'; readonly collection: Collection; readonly id: string; readonly before: unknown }

export type Listener = (entry: Entry, atMs: number) => void

/** What a rule reads: documents as they are now, without the product's own reading of them. */
export interface Documents {
  of<C extends Collection>(collection: C, id: string): RecordOf<C> | undefined
  under<C extends Collection>(collection: C, prefix: string): readonly RecordOf<C>[]
}
